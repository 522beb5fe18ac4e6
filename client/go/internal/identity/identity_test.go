package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"modelgate.dev/client/go/internal/yamlnode"
)

// readDocument reads `principal` and `acting-through`.
func readDocument(text string) (*Identity, error) {
	node, err := yamlnode.Parse("protect.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	fields, err := node.Fields(Keys...)
	if err != nil {
		return nil, err
	}
	return Read(node, fields)
}

func identityOf(t *testing.T, text string) *Identity {
	t.Helper()
	identity, err := readDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// shows is a request with those lines of headers.
func shows(lines ...string) Request {
	return Request{Header: func(name string) []string {
		var all []string
		for i := 0; i < len(lines); i += 2 {
			if lines[i] == name {
				all = append(all, lines[i+1])
			}
		}
		return all
	}}
}

func (r Request) with(chain ...*x509.Certificate) Request {
	r.Chain = chain
	return r
}

func (r Request) local() Request {
	r.Local = true
	return r
}

// names tells whom a request proves; "" for nobody.
func names(t *testing.T, identity *Identity, request Request) string {
	t.Helper()
	caller, err := identity.Caller(t.Context(), request)
	if err != nil {
		return ""
	}
	return strings.Join(append([]string{caller.Principal}, caller.ActingThrough...), " ")
}

// certificate is one with those names; the tests are not about its signature, which TLS has verified.
func certificate(t *testing.T, subject pkix.Name, dns []string, uris ...string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject, DNSNames: dns,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	for _, text := range uris {
		parsed, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, parsed)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestHeader_values_nameOnePrincipalOrNobody(t *testing.T) {
	identity := identityOf(t, "principal: {header: x-user}")
	for value, expected := range map[string]string{
		"user:ana@acme.com":                "user:ana@acme.com",
		"serviceAccount:scorer":            "serviceAccount:scorer",
		"ana":                              "",
		"group:risk":                       "",
		"link:report":                      "",
		"user:":                            "",
		"user:a b":                         "",
		"user:a,user:b":                    "",
		"user:a\tb":                        "",
		"user:a\x00":                       "",
		"user:\xff":                        "",
		"":                                 "",
		"user:" + strings.Repeat("a", 257): "",
	} {
		if got := names(t, identity, shows("x-user", value)); got != expected {
			t.Errorf("%q: got %q (expected: %q)", value, got, expected)
		}
	}
	if got := names(t, identity, shows()); got != "" {
		t.Errorf("no header: got %q", got)
	}
	if got := names(t, identity, shows("x-user", "user:a", "x-user", "user:a")); got != "" {
		t.Errorf("twice: got %q", got)
	}
}

func TestHeader_kind_goesBefore(t *testing.T) {
	identity := identityOf(t, "principal: {header: x-user, kind: user}")
	if got := names(t, identity, shows("x-user", "ana@acme.com")); got != "user:ana@acme.com" {
		t.Errorf("got %q", got)
	}
}

func TestHeader_trustedHop_aloneIsBelieved(t *testing.T) {
	local := identityOf(t, "principal: {header: x-user, trusted-hop: local}")
	if got := names(t, local, shows("x-user", "user:ana")); got != "" {
		t.Errorf("remote: got %q", got)
	}
	if got := names(t, local, shows("x-user", "user:ana").local()); got != "user:ana" {
		t.Errorf("local: got %q", got)
	}
	envoy := identityOf(t, "principal: {header: x-user, trusted-hop: [{uri: spiffe://acme/envoy}, {dns: '{id}.hop'}]}")
	for _, test := range []struct {
		request  Request
		expected string
	}{
		{shows("x-user", "user:ana").with(certificate(t, pkix.Name{}, nil, "spiffe://acme/envoy")), "user:ana"},
		{shows("x-user", "user:ana").with(certificate(t, pkix.Name{}, []string{"a.hop"})), "user:ana"},
		{shows("x-user", "user:ana").with(certificate(t, pkix.Name{}, []string{"a.b.hop"})), ""},
		{shows("x-user", "user:ana").with(certificate(t, pkix.Name{}, nil, "spiffe://acme/envoy/x")), ""},
		{shows("x-user", "user:ana").with(certificate(t, pkix.Name{}, nil, "spiffe://acme/envoy", "spiffe://x/y")), ""},
		{shows("x-user", "user:ana").local(), ""},
	} {
		if got := names(t, envoy, test.request); got != test.expected {
			t.Errorf("got %q (expected: %q)", got, test.expected)
		}
	}
}

func TestAlternatives_firstThatIsPresentCounts_goodOrBad(t *testing.T) {
	identity := identityOf(t, "principal: [{header: x-one}, {header: x-two}]")
	for _, test := range []struct {
		request  Request
		expected string
	}{
		{shows("x-one", "user:a", "x-two", "user:b"), "user:a"},
		{shows("x-two", "user:b"), "user:b"},
		{shows("x-one", "nobody", "x-two", "user:b"), ""},
		{shows("x-one", "", "x-two", "user:b"), ""},
		{shows("x-one", "user:a", "x-one", "user:a", "x-two", "user:b"), ""},
	} {
		if got := names(t, identity, test.request); got != test.expected {
			t.Errorf("got %q (expected: %q)", got, test.expected)
		}
	}
}

func TestChallenge_asksForATokenWhereOneIsTaken(t *testing.T) {
	jwt := `{jwt: {issuer: "https://sso.acme.com", audience: models, keys: "https://sso.acme.com/keys"}}`
	for document, challenge := range map[string]string{
		"principal: {header: x-user}\n":                              `Modelgate realm="modelgate"`,
		"principal: " + jwt + "\n":                                   `Bearer realm="modelgate"`,
		"principal: {header: x-user}\nacting-through: [" + jwt + "]": `Bearer realm="modelgate"`,
	} {
		if is := identityOf(t, document).Challenge(); is != challenge {
			t.Errorf("%s: %s (want: %s)", document, is, challenge)
		}
	}
}

func TestActingThrough_everyLinkMustBeProven(t *testing.T) {
	identity := identityOf(t, `
principal: {header: x-user}
acting-through:
  - {header: x-app, kind: app}
  - {certificate: {uri: "spiffe://acme/{id}", principal: "serviceAccount:{id}"}}
`)
	own := certificate(t, pkix.Name{}, nil, "spiffe://acme/portal")
	if got := names(t, identity, shows("x-user", "user:a", "x-app", "claims").with(own)); got !=
		"user:a app:claims serviceAccount:portal" {
		t.Errorf("got %q", got)
	}
	for name, request := range map[string]Request{
		"no certificate": shows("x-user", "user:a", "x-app", "claims"),
		"no header":      shows("x-user", "user:a").with(own),
		"no user":        shows("x-app", "claims").with(own),
	} {
		if got := names(t, identity, request); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestCertificate_names_mapByTheFirstRuleThatFits(t *testing.T) {
	identity := identityOf(t, `
principal:
  certificate:
    - {uri: "spiffe://acme.org/ns/prod/sa/{id}", principal: "serviceAccount:{id}"}
    - {dns: "{id}.jobs.acme.internal", principal: "serviceAccount:job-{id}"}
    - {subject: "CN={id},OU=people,O=Acme", principal: "user:{id}"}
    - {dns: gateway.acme, principal: "app:gateway"}
`)
	people := func(name string) pkix.Name {
		return pkix.Name{CommonName: name, OrganizationalUnit: []string{"people"}, Organization: []string{"Acme"}}
	}
	for _, test := range []struct {
		certificate *x509.Certificate
		expected    string
	}{
		{certificate(t, pkix.Name{}, nil, "spiffe://acme.org/ns/prod/sa/scorer"), "serviceAccount:scorer"},
		{certificate(t, pkix.Name{}, nil, "spiffe://acme.org/ns/prod/sa/a/b"), ""},
		{certificate(t, pkix.Name{}, nil, "spiffe://acme.org/ns/test/sa/scorer"), ""},
		{certificate(t, pkix.Name{}, nil, "xspiffe://acme.org/ns/prod/sa/scorer"), ""},
		{certificate(t, pkix.Name{}, nil, "spiffe://acme.org/ns/prod/sa/a", "spiffe://acme.org/ns/prod/sa/b"), ""},
		{certificate(t, pkix.Name{}, []string{"Nightly.jobs.acme.internal"}), "serviceAccount:job-nightly"},
		{certificate(t, pkix.Name{}, []string{"a.b.jobs.acme.internal"}), ""},
		{certificate(t, pkix.Name{}, []string{"gateway.acme"}), "app:gateway"},
		{certificate(t, people("ana"), nil), "user:ana"},
		{certificate(t, people("ana,OU=people"), nil), ""}, // A comma is no name of a principal.
		{certificate(t, people("ana+b"), nil), "user:ana+b"},
		{certificate(t, pkix.Name{CommonName: "ana", Organization: []string{"Acme"}}, nil), ""},
		{certificate(t, pkix.Name{CommonName: "ana", OrganizationalUnit: []string{"people", "x"},
			Organization: []string{"Acme"}}, nil), ""},
	} {
		if got := names(t, identity, shows().with(test.certificate)); got != test.expected {
			t.Errorf("%v %v %v: got %q (expected: %q)", test.certificate.Subject, test.certificate.DNSNames,
				test.certificate.URIs, got, test.expected)
		}
	}
	caller, err := identity.Caller(t.Context(), shows().with(certificate(t, people("ana"), nil)))
	if err != nil || caller.Until.IsZero() {
		t.Fatalf("got %v, %v", caller, err)
	}
}

func TestForwarded_header_isReadStrictly(t *testing.T) {
	identity := identityOf(t, `
principal:
  forwarded-certificate:
    - {uri: "spiffe://acme/{id}", principal: "serviceAccount:{id}"}
    - {subject: "CN={id},O=Acme", principal: "user:{id}"}
    - {dns: "{id}.acme", principal: "app:{id}"}
  trusted-hop: local
`)
	for header, expected := range map[string]string{
		`URI=spiffe://acme/scorer`:                                      "serviceAccount:scorer",
		`By=spiffe://acme/envoy;Hash=ab;URI=spiffe://acme/scorer`:       "serviceAccount:scorer",
		`Hash=ab;Subject="CN=ana,O=Acme";URI=`:                          "user:ana",
		`Subject="CN=ana\\,O=Acme"`:                                     "",
		`DNS=x.acme;DNS=y.acme`:                                         "app:x",
		`Subject="";DNS=x.acme`:                                         "app:x",
		`URI=spiffe://acme/a,URI=spiffe://acme/b`:                       "",
		`URI=spiffe://acme/a;URI=spiffe://acme/b`:                       "",
		`By=spiffe://acme/scorer`:                                       "",
		`Subject="CN=ana,O=Acme";Subject="CN=ben,O=Acme"`:               "",
		`Subject=CN=ana,O=Acme`:                                         "",
		`Subject="CN=ana,O=Acme"x`:                                      "",
		`Subject="CN=ana,O=Acme`:                                        "",
		`URI=spiffe://acme/scorer;`:                                     "",
		`URI=spiffe://acme/scorer;Other=x`:                              "",
		`URI=spiffe://acme/sco"rer`:                                     "",
		"URI=spiffe://acme/\u00e4":                                      "",
		`scorer`:                                                        "",
		`Hash=ab`:                                                       "",
		"Chain=" + strings.Repeat("x", 17_000) + ";URI=spiffe://acme/s": "",
	} {
		if got := names(t, identity, shows("x-forwarded-client-cert", header).local()); got != expected {
			t.Errorf("%s: got %q (expected: %q)", header, got, expected)
		}
		if got := names(t, identity, shows("x-forwarded-client-cert", header)); got != "" {
			t.Errorf("%s from elsewhere: got %q", header, got)
		}
	}
}

func TestRead_uselessDocuments_areRefused(t *testing.T) {
	token := "issuer: https://sso, audience: a"
	for name, text := range map[string]string{
		"nothing":            "principal: []",
		"nine":               "principal: [" + strings.Repeat("{header: x}, ", 9) + "]",
		"a text":             "principal: header",
		"upper case":         "principal: {header: X-User}",
		"binary":             "principal: {header: x-bin}",
		"kind of a token":    "principal: {jwt: {" + token + "}, kind: user}",
		"another kind":       "principal: {header: x, kind: group}",
		"chain of one":       "principal: {header: x}\nacting-through: {header: y}",
		"no audience":        "principal: {jwt: {issuer: https://sso}}",
		"no issuer":          "principal: {jwt: {audience: a}}",
		"empty audience":     "principal: {jwt: {issuer: https://sso, audience: []}}",
		"a MAC":              "principal: {jwt: {" + token + ", algorithms: [HS256]}}",
		"none":               "principal: {jwt: {" + token + ", algorithms: [none]}}",
		"keys over http":     "principal: {jwt: {" + token + ", keys: http://sso/keys}}",
		"no keys there":      "principal: {jwt: {" + token + ", keys: /nowhere}}",
		"skew of an hour":    "principal: {jwt: {" + token + ", skew-seconds: 3600}}",
		"no certificates":    "principal: {jwt: {" + token + ", trusted-certificates: /nowhere}}",
		"no rule":            "principal: {certificate: []}",
		"two names":          "principal: {certificate: {uri: 'a:{id}', dns: '{id}', principal: 'user:{id}'}}",
		"no name":            "principal: {certificate: {principal: 'user:x'}}",
		"id in one alone":    "principal: {certificate: {uri: 'a:{id}', principal: 'user:x'}}",
		"id twice":           "principal: {certificate: {uri: '{id}:{id}', principal: 'user:{id}{id}'}}",
		"a group":            "principal: {certificate: {uri: 'a:{id}', principal: 'group:{id}'}}",
		"no subject":         "principal: {certificate: {subject: '{id}', principal: 'user:{id}'}}",
		"own of the sidecar": "principal: {certificate: sidecar}",
		"hop by name":        "principal: {header: x, trusted-hop: envoy}",
		"no hop":             "principal: {header: x, trusted-hop: []}",
	} {
		if _, err := readDocument(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseSubject_texts(t *testing.T) {
	for text, expected := range map[string][]rdn{
		`CN=ana`:            {{"CN", "ana"}},
		`CN=ana,O=Acme`:     {{"CN", "ana"}, {"O", "Acme"}},
		`CN=a\,b , O= Acme`: {{"CN", "a,b"}, {"O", "Acme"}},
		`CN=a\ ,O=x`:        {{"CN", "a "}, {"O", "x"}},
		`CN=\C3\A4`:         {{"CN", "ä"}},
		`CN=`:               {{"CN", ""}},
		`CN=a+O=b`:          nil,
		`CN=#0401`:          nil,
		`CN="a"`:            nil,
		`CN=a,`:             nil,
		`CN`:                nil,
		``:                  nil,
		`=a`:                nil,
		`CN=a\`:             nil,
		`CN=a\z`:            nil,
	} {
		got, err := parseSubject(text)
		if (err == nil) != (expected != nil) || !slices.Equal(got, expected) && expected != nil {
			t.Errorf("%q: got %v, %v (expected: %v)", text, got, err, expected)
		}
	}
}
