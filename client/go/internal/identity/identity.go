// Package identity proves who makes a request to a prediction server: by a header that a trusted hop sets, a JWT, the
// client certificate, or the one that Envoy forwards.
package identity

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"modelgate.dev/client/go/internal/yamlnode"
)

// principalBytesMax is the longest id of a principal.
const principalBytesMax = 256

// Request is what a request shows of its caller.
type Request struct {
	// Header has the lines of a header, by its name in lower case.
	Header func(name string) []string
	// Chain is that of the client certificate, which TLS has verified, the caller's own first; nil: none.
	Chain []*x509.Certificate
	// Local tells whether the connection comes over loopback or a unix socket.
	Local bool
}

// Caller is who makes a request.
type Caller struct {
	// Principal is who acts, such as "user:ana@acme.com".
	Principal string
	// ActingThrough is who is in between, nearest to the principal first.
	ActingThrough []string
	// Until is when a credential ends; zero: none does.
	Until time.Time
}

// ErrNobody is why a request without a credential is refused.
var ErrNobody = errors.New("no credential")

// proof is what a credential shows. A nil proof is no credential.
type proof struct {
	principal string
	until     time.Time
}

// source reads one kind of credential. It returns nil when there is none, and an error for one that is bad.
type source interface {
	prove(ctx context.Context, request Request) (*proof, error)
}

// Identity proves callers as a protection document says.
type Identity struct {
	// Of these the first credential that is present counts; a bad one refuses.
	principal []source
	through   []source
}

// Keys are those of a protection document that say who calls.
var Keys = []string{"principal", "acting-through"}

// Read reads them. It loads the keys of issuers in files at once, those at URLs when they are needed.
func Read(document *yamlnode.Node, fields map[string]*yamlnode.Node) (*Identity, error) {
	principal, err := document.Required(fields, "principal")
	if err != nil {
		return nil, err
	}
	identity := &Identity{}
	if identity.principal, err = readSources(principal); err != nil {
		return nil, err
	}
	if through := fields["acting-through"]; through != nil {
		if !through.IsList() {
			return nil, through.Errorf("expected: a list")
		}
		if identity.through, err = readSources(through); err != nil {
			return nil, err
		}
	}
	return identity, nil
}

// Challenge is what an answer of 401 must have in WWW-Authenticate (RFC 9110, section 15.5.2): for a token where one is
// taken. Headers of a proxy and certificates have no scheme of their own, so that without a token it only names who
// refuses.
func (i *Identity) Challenge() string {
	for _, source := range slices.Concat(i.principal, i.through) {
		if _, ok := source.(*tokenSource); ok {
			return `Bearer realm="modelgate"`
		}
	}
	return `Modelgate realm="modelgate"`
}

func readSources(node *yamlnode.Node) ([]source, error) {
	items, err := node.OneOrMore()
	if err != nil {
		return nil, err
	}
	if len(items) == 0 || len(items) > 8 {
		return nil, node.Errorf("%d credentials (expected: 1..8)", len(items))
	}
	var sources []source
	for _, item := range items {
		source, err := readSource(item)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func readSource(node *yamlnode.Node) (source, error) {
	fields, err := node.Fields("header", "kind", "jwt", "certificate", "forwarded-certificate", "trusted-hop")
	if err != nil {
		return nil, err
	}
	header, token, certificate, forwarded :=
		fields["header"], fields["jwt"], fields["certificate"], fields["forwarded-certificate"]
	kinds := 0
	for _, kind := range []*yamlnode.Node{header, token, certificate, forwarded} {
		if kind != nil {
			kinds++
		}
	}
	hop := fields["trusted-hop"]
	if kinds != 1 || fields["kind"] != nil && header == nil || hop != nil && header == nil && forwarded == nil {
		return nil, node.Errorf("expected: one of `header` (with `kind`, `trusted-hop`), `jwt`, `certificate` and " +
			"`forwarded-certificate` (with `trusted-hop`)")
	}
	for _, settings := range []*yamlnode.Node{token, certificate} {
		if settings != nil && settings.IsText() {
			return nil, settings.Errorf("expected: settings, for only the sidecar has those of the sidecar")
		}
	}
	switch {
	case header != nil:
		return readHeader(header, fields["kind"], hop)
	case token != nil:
		return readTokens(token)
	case certificate != nil:
		rules, err := readCertificateRules(certificate)
		return &certificateSource{rules}, err
	}
	rules, err := readCertificateRules(forwarded)
	if err != nil {
		return nil, err
	}
	if hop, err = node.Required(fields, "trusted-hop"); err != nil {
		return nil, err
	}
	trusted, err := readHop(hop)
	return &forwardedSource{rules, trusted}, err
}

func readHeader(name, kind, hop *yamlnode.Node) (source, error) {
	source := &headerSource{}
	var err error
	if source.name, err = name.Matching(isHeaderName, "the name of a header in lower case"); err != nil {
		return nil, err
	}
	if kind != nil {
		if source.kind, err = kind.Matching(isKind, "user, serviceAccount or app"); err != nil {
			return nil, err
		}
	}
	if hop != nil {
		source.hop, err = readHop(hop)
	}
	return source, err
}

// Caller proves who makes a request, and all whom he acts through. It blocks only while keys are fetched.
func (i *Identity) Caller(ctx context.Context, request Request) (Caller, error) {
	var first *proof
	for _, source := range i.principal {
		found, err := prove(ctx, source, request)
		if err != nil {
			return Caller{}, err
		}
		if found != nil {
			first = found
			break
		}
	}
	if first == nil {
		return Caller{}, ErrNobody
	}
	caller := Caller{Principal: first.principal, Until: first.until}
	for _, source := range i.through {
		link, err := prove(ctx, source, request)
		if err != nil {
			return Caller{}, err
		}
		if link == nil {
			return Caller{}, ErrNobody
		}
		caller.ActingThrough = append(caller.ActingThrough, link.principal)
		caller.Until = earlier(caller.Until, link.until)
	}
	return caller, nil
}

// prove refuses whom no principal can be called; whether the name is canonical is for the sidecar.
func prove(ctx context.Context, source source, request Request) (*proof, error) {
	found, err := source.prove(ctx, request)
	if err != nil || found == nil {
		return nil, err
	}
	if !isPrincipal(found.principal) {
		return nil, errors.New("a credential that names no user, serviceAccount or app")
	}
	return found, nil
}

func isPrincipal(name string) bool {
	kind, id, _ := strings.Cut(name, ":")
	return isKind(kind) && id != "" && len(id) <= principalBytesMax && utf8.ValidString(id) &&
		!strings.ContainsFunc(id, func(r rune) bool {
			// Proxies join lines with commas: two values would be one name.
			return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r)
		})
}

func isKind(kind string) bool {
	return kind == "user" || kind == "serviceAccount" || kind == "app"
}

// earlier is the earlier of two times, of which zero is none.
func earlier(one, other time.Time) time.Time {
	if one.IsZero() || !other.IsZero() && other.Before(one) {
		return other
	}
	return one
}

func isHeaderName(name string) bool {
	for i, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' && i > 0) {
			return false
		}
	}
	return name != "" && len(name) <= 64 && !strings.HasSuffix(name, "-bin")
}

// headerSource takes the principal as it stands in a header. It is safe only behind a hop that authenticates the caller
// and overwrites the header.
type headerSource struct {
	name string
	kind string // empty: the header has it
	hop  *hop   // nil: whoever can connect is trusted
}

func (s *headerSource) prove(_ context.Context, request Request) (*proof, error) {
	value, err := only(request, s.name)
	if value == "" || err != nil {
		return nil, err
	}
	if s.hop != nil && !s.hop.is(request) {
		return nil, fmt.Errorf("the header `%s` from an untrusted hop", s.name)
	}
	if s.kind != "" {
		value = s.kind + ":" + value
	}
	return &proof{principal: value}, nil
}

// only is the one line of a header; empty: there is none. One that is empty or stands twice is bad.
func only(request Request, name string) (string, error) {
	lines := request.Header(name)
	switch {
	case len(lines) == 0:
		return "", nil
	case len(lines) > 1:
		return "", fmt.Errorf("the header `%s` stands twice", name)
	case lines[0] == "":
		return "", fmt.Errorf("the header `%s` is empty", name)
	}
	return lines[0], nil
}
