package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const issuerName = "https://sso.acme.com"

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func jwks(t *testing.T, keys map[string]crypto.PublicKey) []byte {
	t.Helper()
	set := jose.JSONWebKeySet{}
	for id, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key, KeyID: id, Use: "sig"})
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func keyFile(t *testing.T, keys map[string]crypto.PublicKey) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, jwks(t, keys), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// claims are good ones, changed; a nil takes one away.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": issuerName, "aud": "modelgate", "sub": "ana@acme.com",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func sign(t *testing.T, key any, algorithm jose.SignatureAlgorithm, id, typ string, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm,
		Key: jose.JSONWebKey{Key: key, KeyID: id}}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func tokenDocument(keys, more string) string {
	return "principal: {jwt: {issuer: " + issuerName + ", audience: [modelgate, other], keys: '" + keys + "'" + more + "}}"
}

func bearer(token string) Request {
	return shows("authorization", "Bearer "+token)
}

func TestToken_claims_nameThePrincipalOrNobody(t *testing.T) {
	key := ecKey(t)
	identity := identityOf(t, tokenDocument(keyFile(t, map[string]crypto.PublicKey{"k": key.Public()}), ""))
	now := time.Now()
	for name, test := range map[string]struct {
		changes  map[string]any
		expected string
	}{
		"good":                 {nil, "user:ana@acme.com"},
		"one of its audiences": {map[string]any{"aud": []string{"x", "other"}}, "user:ana@acme.com"},
		"begun within skew":    {map[string]any{"nbf": now.Add(30 * time.Second).Unix()}, "user:ana@acme.com"},
		"another issuer":       {map[string]any{"iss": issuerName + "/"}, ""},
		"no issuer":            {map[string]any{"iss": nil}, ""},
		"another audience":     {map[string]any{"aud": "x"}, ""},
		"no audience":          {map[string]any{"aud": nil}, ""},
		"expired":              {map[string]any{"exp": now.Add(-time.Second).Unix()}, ""},
		"never ends":           {map[string]any{"exp": nil}, ""},
		"ends in a text":       {map[string]any{"exp": "2099"}, ""},
		"still to begin":       {map[string]any{"nbf": now.Add(time.Hour).Unix()}, ""},
		"from the future":      {map[string]any{"iat": now.Add(time.Hour).Unix()}, ""},
		"begins with a text":   {map[string]any{"nbf": "now"}, ""},
		"bound to a key":       {map[string]any{"cnf": map[string]any{"jkt": "x"}}, ""},
		"names nobody":         {map[string]any{"sub": nil}, ""},
		"names a number":       {map[string]any{"sub": 7}, ""},
		"names an empty text":  {map[string]any{"sub": ""}, ""},
		"names two":            {map[string]any{"sub": "a,user:b"}, ""},
	} {
		token := sign(t, key, jose.ES256, "k", "JWT", claims(test.changes))
		if got := names(t, identity, bearer(token)); got != test.expected {
			t.Errorf("%s: got %q (expected: %q)", name, got, test.expected)
		}
	}
}

func TestToken_signatures_onlyOfTheIssuersKeysByTrustedAlgorithms(t *testing.T) {
	key, stranger := ecKey(t), ecKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	identity := identityOf(t, tokenDocument(keyFile(t, map[string]crypto.PublicKey{
		"k": key.Public(), "r": rsaKey.Public()}), ""))
	good := sign(t, key, jose.ES256, "k", "at+jwt", claims(nil))
	parts := strings.Split(good, ".")
	public, err := json.Marshal(jose.JSONWebKey{Key: key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ token, expected string }{
		"good":             {good, "user:ana@acme.com"},
		"RS256":            {sign(t, rsaKey, jose.RS256, "r", "", claims(nil)), "user:ana@acme.com"},
		"no key named":     {sign(t, key, jose.ES256, "", "JWT", claims(nil)), "user:ana@acme.com"},
		"PS256":            {sign(t, rsaKey, jose.PS256, "r", "JWT", claims(nil)), ""},
		"a stranger's key": {sign(t, stranger, jose.ES256, "k", "JWT", claims(nil)), ""},
		"an unknown key":   {sign(t, key, jose.ES256, "other", "JWT", claims(nil)), ""},
		"a MAC by the key": {sign(t, public, jose.HS256, "k", "JWT", claims(nil)), ""},
		"another use":      {sign(t, key, jose.ES256, "k", "logout+jwt", claims(nil)), ""},
		"no signature":     {parts[0] + "." + parts[1] + ".", ""},
		"two parts":        {parts[0] + "." + parts[1], ""},
		"other claims":     {parts[0] + "." + strings.Split(sign(t, stranger, jose.ES256, "k", "JWT", claims(nil)), ".")[1] + "x." + parts[2], ""},
		"algorithm none":   {"eyJhbGciOiJub25lIn0." + parts[1] + ".", ""},
		"too long":         {sign(t, key, jose.ES256, "k", "JWT", claims(map[string]any{"x": strings.Repeat("x", 8192)})), ""},
		"nothing":          {"", ""},
	} {
		if got := names(t, identity, bearer(test.token)); got != test.expected {
			t.Errorf("%s: got %q (expected: %q)", name, got, test.expected)
		}
	}
	for name, request := range map[string]Request{
		"basic":  shows("authorization", "Basic "+good),
		"twice":  shows("authorization", "Bearer "+good, "authorization", "Bearer "+good),
		"absent": shows(),
	} {
		if got := names(t, identity, request); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestToken_principalClaim_emailMustBeVerified(t *testing.T) {
	key := ecKey(t)
	file := keyFile(t, map[string]crypto.PublicKey{"k": key.Public()})
	for _, test := range []struct {
		more     string
		verified any
		expected string
	}{
		{", principal-claim: email", true, "user:ana@acme.com"},
		{", principal-claim: email", "true", ""},
		{", principal-claim: email", nil, ""},
		{", principal-claim: email, any-email: true", nil, "user:ana@acme.com"},
		{", principal-claim: email, any-email: true, principal-kind: app", nil, "app:ana@acme.com"},
	} {
		token := sign(t, key, jose.ES256, "k", "JWT", claims(map[string]any{
			"sub": "1", "email": "ana@acme.com", "email_verified": test.verified}))
		if got := names(t, identityOf(t, tokenDocument(file, test.more)), bearer(token)); got != test.expected {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

func TestToken_twoIssuers_eachByItsOwnKeys(t *testing.T) {
	one, other := ecKey(t), ecKey(t)
	identity := identityOf(t, `
principal:
  jwt:
    - {issuer: https://one, audience: a, keys: `+keyFile(t, map[string]crypto.PublicKey{"k": one.Public()})+`}
    - {issuer: https://other, audience: a, principal-kind: app, keys: `+
		keyFile(t, map[string]crypto.PublicKey{"k": other.Public()})+`}
`)
	of := func(issuer string, key *ecdsa.PrivateKey) string {
		token := sign(t, key, jose.ES256, "k", "JWT", claims(map[string]any{"iss": issuer, "aud": "a", "sub": "x"}))
		return names(t, identity, bearer(token))
	}
	if got := of("https://one", one) + " " + of("https://other", other); got != "user:x app:x" {
		t.Errorf("got %q", got)
	}
	if got := of("https://one", other) + of("https://other", one); got != "" {
		t.Errorf("by another's key: got %q", got)
	}
}

func TestToken_end_isThatOfTheCaller(t *testing.T) {
	key := ecKey(t)
	identity := identityOf(t, tokenDocument(keyFile(t, map[string]crypto.PublicKey{"k": key.Public()}), ""))
	end := time.Now().Add(time.Minute).Truncate(time.Second)
	caller, err := identity.Caller(t.Context(), bearer(
		sign(t, key, jose.ES256, "k", "JWT", claims(map[string]any{"exp": end.Unix()}))))
	if err != nil || !caller.Until.Equal(end) {
		t.Fatalf("got %v, %v (expected: %v)", caller, err, end)
	}
}

// issuerServer serves a discovery document and keys that can be changed.
func issuerServer(t *testing.T) (server *httptest.Server, keys *atomic.Pointer[[]byte], fetched *atomic.Int32) {
	t.Helper()
	keys, fetched = &atomic.Pointer[[]byte]{}, &atomic.Int32{}
	mux := http.NewServeMux()
	server = httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc(wellKnown, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fetched.Add(1)
		document := keys.Load()
		if document == nil {
			http.Error(w, "broken", http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(*document)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/keys", http.StatusFound)
	})
	return server, keys, fetched
}

func TestKeys_discovery_followsTheIssuerAndIsRateLimited(t *testing.T) {
	server, keys, fetched := issuerServer(t)
	first, second := ecKey(t), ecKey(t)
	document := jwks(t, map[string]crypto.PublicKey{"1": first.Public()})
	keys.Store(&document)
	identity := identityOf(t, "principal: {jwt: {issuer: '"+server.URL+"', audience: modelgate}}")
	issuer := identity.principal[0].(*tokenSource).issuers[0]
	now := time.Now()
	issuer.keys.now = func() time.Time { return now }
	by := func(key *ecdsa.PrivateKey, id string) string {
		return names(t, identity, bearer(sign(t, key, jose.ES256, id, "JWT", claims(map[string]any{"iss": server.URL}))))
	}
	if got := by(first, "1"); got == "" || fetched.Load() != 1 {
		t.Fatalf("got %q after %d fetches", got, fetched.Load())
	}
	for range 10 {
		if got := by(second, "2"); got != "" {
			t.Fatalf("an unknown key: got %q", got)
		}
	}
	if fetched.Load() != 1 {
		t.Fatalf("%d fetches within the interval", fetched.Load())
	}
	document2 := jwks(t, map[string]crypto.PublicKey{"2": second.Public()})
	keys.Store(&document2)
	now = now.Add(keysIntervalMin)
	if got := by(second, "2"); got == "" || fetched.Load() != 2 {
		t.Fatalf("the new key: got %q after %d fetches", got, fetched.Load())
	}
	if got := by(first, "1"); got != "" {
		t.Fatalf("the withdrawn key: got %q", got)
	}
}

func TestKeys_cannotBeHad_holdUntilTheyAreStale(t *testing.T) {
	server, keys, _ := issuerServer(t)
	key := ecKey(t)
	document := jwks(t, map[string]crypto.PublicKey{"k": key.Public()})
	keys.Store(&document)
	load, err := keyLoader(server.URL, server.URL+"/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	held := newIssuerKeys(load, time.Minute, time.Hour, func() time.Time { return now })
	if len(held.fitting(t.Context(), "k", "ES256")) != 1 {
		t.Fatal("no key")
	}
	keys.Store(nil)
	now = now.Add(30 * time.Minute)
	if len(held.fitting(t.Context(), "k", "ES256")) != 1 {
		t.Fatal("no key before they are stale")
	}
	now = now.Add(31 * time.Minute)
	if len(held.fitting(t.Context(), "k", "ES256")) != 0 {
		t.Fatal("stale keys verify")
	}
}

// What one request can cost: each is verified, and nothing is remembered of it.
func TestKeys_tokenThatNamesNoKey_isTriedWithFew(t *testing.T) {
	keys := map[string]crypto.PublicKey{}
	for i := range 2 * triesMax {
		keys[strconv.Itoa(i)] = ecKey(t).Public()
	}
	load, err := keyLoader(issuerName, keyFile(t, keys), nil)
	if err != nil {
		t.Fatal(err)
	}
	issuer := newIssuerKeys(load, time.Hour, time.Hour, time.Now)
	if fitting := issuer.fitting(t.Context(), "", "ES256"); len(fitting) != triesMax {
		t.Errorf("%d keys (expected: %d)", len(fitting), triesMax)
	}
	if fitting := issuer.fitting(t.Context(), "3", "ES256"); len(fitting) != 1 {
		t.Errorf("%d keys of one name", len(fitting))
	}
}

func TestKeys_redirect_isNotFollowed(t *testing.T) {
	server, keys, _ := issuerServer(t)
	document := jwks(t, map[string]crypto.PublicKey{"k": ecKey(t).Public()})
	keys.Store(&document)
	load, err := keyLoader(server.URL, server.URL+"/moved", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(t.Context()); err == nil {
		t.Fatal("followed")
	}
}

func TestParseKeys_unfit_areLeftOut(t *testing.T) {
	weak, err := json.Marshal(jose.JSONWebKey{Key: &ecKey(t).PublicKey, KeyID: "good"})
	if err != nil {
		t.Fatal(err)
	}
	document := `{"keys": [` + string(weak) + `, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "x"}, ` +
		strings.Replace(string(weak), `"kid"`, `"use":"enc","kid"`, 1) + `]}`
	keys, err := parseKeys([]byte(document))
	if err != nil || len(keys) != 1 || keys[0].KeyID != "good" {
		t.Fatalf("got %v, %v", keys, err)
	}
	for _, bad := range []string{"", "[]", `{"keys": 1}`, `{"keys": [` + strings.Repeat("{},", 64) + "{}]}"} {
		if _, err := parseKeys([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
	for from, expected := range map[string]bool{
		"https://sso/keys": true, "http://127.0.0.1:1/k": true, "http://localhost/k": true, "http://[::1]/k": true,
		"http://sso/k": false, "https://u:p@sso/k": false, "ftp://sso": false, "https://": false, "https://sso/#f": false,
	} {
		if safe(from) != expected {
			t.Errorf("%s: got %v", from, !expected)
		}
	}
}
