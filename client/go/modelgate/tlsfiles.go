package modelgate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc/credentials"
)

// TLSFiles are the PEM files of a connection with TLS.
type TLSFiles struct {
	// Authorities vouch for the sidecar. Empty: those of the system.
	Authorities string
	// Certificate and Key are shown to a sidecar that asks for them: both or neither.
	Certificate, Key string
	// ServerName is looked for in the sidecar's certificate. Empty: the host of the address.
	ServerName string
}

func (f TLSFiles) config() (*tls.Config, error) {
	config := &tls.Config{ServerName: f.ServerName, MinVersion: tls.VersionTLS12}
	if f.Authorities != "" {
		pem, err := os.ReadFile(f.Authorities)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("`%s`: no certificate", f.Authorities)
		}
	}
	if (f.Certificate == "") != (f.Key == "") {
		return nil, errors.New("certificate and key: expected both or neither")
	}
	if f.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// fileCredentials shakes hands by the files as they are then.
type fileCredentials struct {
	credentials.TransportCredentials
	files TLSFiles
}

func (c *fileCredentials) ClientHandshake(
	ctx context.Context, authority string, raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	config, err := c.files.config()
	if err != nil {
		return nil, nil, fmt.Errorf("TLS: %w", err)
	}
	return credentials.NewTLS(config).ClientHandshake(ctx, authority, raw)
}

func (c *fileCredentials) Clone() credentials.TransportCredentials {
	return &fileCredentials{TransportCredentials: c.TransportCredentials.Clone(), files: c.files}
}
