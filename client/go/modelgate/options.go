package modelgate

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	socketDefault  = "modelgate-data/modelgate.sock"
	addressDefault = "127.0.0.1:7070"

	// While the sidecar cannot be reached it is dialed every second. gRPC by itself would wait longer after each
	// failure, up to two minutes, and would miss for as long that a sidecar is back.
	redial = time.Second
)

// Option is a setting of [New].
type Option func(*settings)

type settings struct {
	socket           string
	socketOwner      *int
	address          string
	tls              credentials.TransportCredentials
	tlsErr           error
	deadline         time.Duration
	silence          time.Duration
	watchesPerStream int
}

// WithSocket asks over a unix socket (Linux). Its directory must not be writable by everybody; the socket, its directory
// and the server's process must have one owner; and that is this process's user, root, the [WithSocketOwner], or a user
// to whom root gave the directory. Otherwise every answer is a denial that says so (hazard 40).
func WithSocket(path string) Option {
	return func(s *settings) { s.socket = path }
}

// WithSocketOwner trusts a sidecar that runs as this user, wherever its socket lies. Default: nobody more.
func WithSocketOwner(uid int) Option {
	return func(s *settings) { s.socketOwner = &uid }
}

// WithAddress asks over TCP: with TLS if an option says so, else only a loopback address or "localhost".
func WithAddress(address string) Option {
	return func(s *settings) { s.address = address }
}

// WithTLS asks with TLS. A nil configuration trusts the authorities of the system and takes the server's name from the
// address.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) {
		if config == nil {
			config = &tls.Config{}
		}
		config = config.Clone()
		config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
		s.tls = credentials.NewTLS(config)
	}
}

// WithTLSFiles asks with TLS by PEM files, which are read again with each connection.
func WithTLSFiles(files TLSFiles) Option {
	return func(s *settings) {
		_, s.tlsErr = files.config()
		s.tls = &fileCredentials{TransportCredentials: credentials.NewTLS(&tls.Config{}), files: files}
	}
}

// WithDeadline is how long a check may take, its repetition included: more than 0 and at most a day. Default:
// [DeadlineDefault]. The deadline of a call's context counts too, if it is earlier.
func WithDeadline(deadline time.Duration) Option {
	return func(s *settings) { s.deadline = deadline }
}

// WithWatchSilence is after how long without a word from the sidecar every watch is lost, more than 0 and at most a
// day. The sidecar says something every 250 ms. Default: [SilenceDefault].
func WithWatchSilence(silence time.Duration) Option {
	return func(s *settings) { s.silence = silence }
}

// endpoint is where to ask, and how.
func (s *settings) endpoint() (string, []grpc.DialOption, error) {
	common := []grpc.DialOption{
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageBytesMax)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: redial, Multiplier: 1, MaxDelay: redial},
			MinConnectTimeout: redial,
		}),
	}
	if s.tlsErr != nil {
		return "", nil, fmt.Errorf("TLS: %w", s.tlsErr)
	}
	if s.socket != "" && (s.address != "" || s.tls != nil) {
		return "", nil, fmt.Errorf("socket: `%s` (expected: no address or TLS beside it)", s.socket)
	}
	socket := s.socket
	if socket == "" && s.address == "" && s.tls == nil {
		if _, err := os.Lstat(socketDefault); err == nil {
			socket = socketDefault
		}
	}
	if socket != "" {
		verifier, err := newPeerVerifier(socket, s.socketOwner)
		if err != nil {
			return "", nil, err
		}
		return "passthrough:///localhost", append(common,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(verifier.dial)), nil
	}
	address := s.address
	if address == "" {
		address = addressDefault
	}
	host, err := splitAddress(address)
	if err != nil {
		return "", nil, err
	}
	if s.tls != nil {
		return "dns:///" + address, append(common, grpc.WithTransportCredentials(s.tls)), nil
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", nil, fmt.Errorf("address: `%s` (expected: loopback, for the connection has no TLS)", address)
	}
	return "passthrough:///" + address, append(common,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(dialLoopback)), nil
}

func splitAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("address: %w", err)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return "", fmt.Errorf("port: `%s` (expected: 1..65535)", port)
	}
	if host == "" {
		return "", errors.New("address: `` (expected: a host)")
	}
	return host, nil
}
