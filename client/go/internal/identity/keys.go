package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysIntervalMin is the least time between the beginnings of two loads.
	keysIntervalMin = 10 * time.Second
	fetchMax        = 10 * time.Second
	keysBytesMax    = 256 << 10
	keysMax         = 64
	// triesMax is the most keys that a signature is tried with, when the token does not name its key.
	triesMax   = 8
	rsaBitsMin = 2048
	rsaBitsMax = 8192
	wellKnown  = "/.well-known/openid-configuration"
)

// issuerKeys are the keys of an issuer over time. Safe for concurrent use.
//
// Invariants: at most one load runs, and none begins within keysIntervalMin after the last one began, whatever tokens
// ask for; keys that could not be loaded again for the stale time verify nothing more.
type issuerKeys struct {
	load           func(context.Context) ([]jose.JSONWebKey, error)
	refresh, stale time.Duration
	now            func() time.Time

	mu        sync.Mutex
	keys      []jose.JSONWebKey
	since     time.Time // when the load of keys began; zero: there are none
	attempted time.Time
	running   chan struct{} // closed when the load that runs has ended; nil: none runs
}

func newIssuerKeys(
	load func(context.Context) ([]jose.JSONWebKey, error), refresh, stale time.Duration, now func() time.Time,
) *issuerKeys {
	return &issuerKeys{load: load, refresh: refresh, stale: stale, now: now}
}

// fitting are the keys that a token's header fits, few. It waits for a load when there is none.
func (k *issuerKeys) fitting(ctx context.Context, id, algorithm string) []any {
	fitting, old := k.current(id, algorithm)
	if len(fitting) > 0 && !old {
		return fitting
	}
	loaded := k.begin()
	if len(fitting) > 0 || loaded == nil {
		return fitting
	}
	select {
	case <-loaded:
	case <-ctx.Done():
	}
	fitting, _ = k.current(id, algorithm)
	return fitting
}

func (k *issuerKeys) current(id, algorithm string) (fitting []any, old bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	age := k.now().Sub(k.since)
	if k.since.IsZero() || age >= k.stale {
		return nil, true
	}
	for _, key := range k.keys {
		if (id == "" || key.KeyID == id) && (key.Algorithm == "" || key.Algorithm == algorithm) &&
			isFor(key.Key, algorithm) && len(fitting) < triesMax {
			fitting = append(fitting, key.Key)
		}
	}
	return fitting, age >= k.refresh
}

// begin loads the keys unless that was done a moment ago; then it returns nil.
func (k *issuerKeys) begin() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running != nil {
		return k.running
	}
	now := k.now()
	if !k.attempted.IsZero() && now.Sub(k.attempted) < keysIntervalMin {
		return nil
	}
	k.attempted = now
	running := make(chan struct{})
	k.running = running
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), fetchMax)
		defer cancel()
		keys, err := k.load(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		if err == nil {
			k.keys, k.since = keys, now
		} else {
			slog.Warn("modelgate: the keys of an issuer cannot be had", "error", err)
		}
		k.running = nil
		close(running)
	}()
	return running
}

// isFor tells whether a key is of the type that the algorithm takes.
func isFor(key any, algorithm string) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		curves := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
		return curves[algorithm] == key.Curve.Params().Name
	default:
		return false
	}
}

// parseKeys reads a JWK set and leaves out what is not fit to verify signatures by: symmetric and private keys, keys for
// encryption, weak ones, and what cannot be read.
func parseKeys(document []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil || len(set.Keys) > keysMax {
		return nil, fmt.Errorf("no JWK set of at most %d keys", keysMax)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) != nil || key.Use != "" && key.Use != "sig" || !isFit(key.Key) {
			continue
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func isFit(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= rsaBitsMin && key.N.BitLen() <= rsaBitsMax && key.E > 1 && key.E%2 == 1
	case *ecdsa.PublicKey:
		return slices.Contains([]string{"P-256", "P-384", "P-521"}, key.Curve.Params().Name)
	default:
		return false
	}
}

// keyLoader loads from a file, a URL or, when neither is given, where the issuer's discovery document says.
func keyLoader(issuer, from string, trusted []byte) (func(context.Context) ([]jose.JSONWebKey, error), error) {
	lower := strings.ToLower(from)
	if from != "" && !strings.HasPrefix(lower, "http:") && !strings.HasPrefix(lower, "https:") {
		load := func(context.Context) ([]jose.JSONWebKey, error) {
			document, err := readFile(from)
			if err != nil {
				return nil, err
			}
			return parseKeys(document)
		}
		_, err := load(context.Background())
		return load, err
	}
	discovery := from == ""
	if discovery {
		from = strings.TrimSuffix(issuer, "/") + wellKnown
	}
	if !safe(from) {
		return nil, errors.New("keys: expected an https URL, an http URL of this machine, or a path")
	}
	client, err := fetchClient(trusted)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]jose.JSONWebKey, error) {
		at := from
		if discovery {
			document, err := fetch(ctx, client, from)
			if err != nil {
				return nil, err
			}
			if at, err = discovered(document, issuer); err != nil {
				return nil, err
			}
		}
		document, err := fetch(ctx, client, at)
		if err != nil {
			return nil, err
		}
		return parseKeys(document)
	}, nil
}

// discovered is the place of the keys; another issuer's document would give another issuer's keys.
func discovered(document []byte, issuer string) (string, error) {
	var found struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(document, &found); err != nil || found.Issuer != issuer || !safe(found.Keys) {
		return "", errors.New("no discovery document of this issuer")
	}
	return found.Keys, nil
}

// safe is a URL that keys may be fetched from: https, or http on this machine.
func safe(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" || parsed.User != nil || parsed.Fragment != "" {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	local := parsed.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return parsed.Scheme == "https" || parsed.Scheme == "http" && local
}

func fetchClient(trusted []byte) (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if trusted != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(trusted) {
			return nil, errors.New("trusted-certificates: no certificate")
		}
	}
	return &http.Client{
		Timeout:   fetchMax,
		Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}, nil
}

func fetch(ctx context.Context, client *http.Client, from string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d (expected: 200)", response.StatusCode)
	}
	return bounded(response.Body)
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return bounded(file)
}

func bounded(from io.Reader) ([]byte, error) {
	document, err := io.ReadAll(io.LimitReader(from, keysBytesMax+1))
	if err == nil && len(document) > keysBytesMax {
		return nil, fmt.Errorf("more than %d bytes", keysBytesMax)
	}
	return document, err
}
