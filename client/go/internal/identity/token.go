package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"modelgate.dev/client/go/internal/yamlnode"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	tokenBytesMax = 8192
	daySeconds    = 86_400
)

// asymmetric is what signatures may be made by: no MAC, which who can verify can make, and no `none`.
var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// tokenTypes are those of access tokens (RFC 9068) and ID tokens; other JWTs are for other uses.
var tokenTypes = []string{"", "jwt", "at+jwt", "application/at+jwt"}

// tokenSource verifies a JWT in `authorization: Bearer` by the issuers that it may be of.
type tokenSource struct {
	issuers []*tokenIssuer
	all     []jose.SignatureAlgorithm // of any issuer
}

// tokenIssuer verifies the tokens of one issuer.
//
// The algorithm must be one that the issuer is trusted with, and the key one that the issuer publishes for it; nothing
// that the token says of its own key is believed but its name.
type tokenIssuer struct {
	issuer     string
	audiences  []string
	algorithms []jose.SignatureAlgorithm
	claim      string
	kind       string
	anyEmail   bool
	skew       time.Duration
	keys       *issuerKeys
	now        func() time.Time
}

func readTokens(node *yamlnode.Node) (*tokenSource, error) {
	items, err := node.OneOrMore()
	if err != nil {
		return nil, err
	}
	source := &tokenSource{}
	for _, item := range items {
		issuer, err := readIssuer(item)
		if err != nil {
			return nil, err
		}
		source.issuers = append(source.issuers, issuer)
		source.all = append(source.all, issuer.algorithms...)
	}
	if len(items) == 0 {
		return nil, node.Errorf("expected: at least one issuer")
	}
	return source, nil
}

func readIssuer(node *yamlnode.Node) (*tokenIssuer, error) {
	fields, err := node.Fields("issuer", "audience", "keys", "algorithms", "principal-claim", "principal-kind",
		"any-email", "skew-seconds", "refresh-seconds", "stale-seconds", "trusted-certificates")
	if err != nil {
		return nil, err
	}
	source := &tokenIssuer{claim: "sub", kind: "user", now: time.Now,
		algorithms: []jose.SignatureAlgorithm{jose.RS256, jose.ES256}}
	issuer, err := node.Required(fields, "issuer")
	if err != nil {
		return nil, err
	}
	if source.issuer, err = issuer.Text(); err != nil {
		return nil, err
	}
	audience, err := node.Required(fields, "audience")
	if err != nil {
		return nil, err
	}
	if source.audiences, err = audience.Texts(); err != nil {
		return nil, err
	}
	if err := source.readOptions(fields); err != nil {
		return nil, err
	}
	source.keys, err = readKeys(source.issuer, node, fields)
	return source, err
}

func (s *tokenIssuer) readOptions(fields map[string]*yamlnode.Node) (err error) {
	if algorithms := fields["algorithms"]; algorithms != nil {
		texts, err := algorithms.Texts()
		if err != nil {
			return err
		}
		s.algorithms = nil
		for _, text := range texts {
			if !slices.Contains(asymmetric, text) {
				return algorithms.Errorf("algorithms: expected some of %v", asymmetric)
			}
			s.algorithms = append(s.algorithms, jose.SignatureAlgorithm(text))
		}
	}
	if claim := fields["principal-claim"]; claim != nil {
		if s.claim, err = claim.Text(); err != nil {
			return err
		}
	}
	if kind := fields["principal-kind"]; kind != nil {
		if s.kind, err = kind.Matching(isKind, "user, serviceAccount or app"); err != nil {
			return err
		}
	}
	if anyEmail := fields["any-email"]; anyEmail != nil {
		if s.anyEmail, err = anyEmail.Flag(); err != nil {
			return err
		}
	}
	s.skew, err = seconds(fields["skew-seconds"], 60, 0, 300)
	return err
}

func seconds(node *yamlnode.Node, otherwise, low, high int) (time.Duration, error) {
	if node == nil {
		return time.Duration(otherwise) * time.Second, nil
	}
	number, err := node.Number(low, high)
	return time.Duration(number) * time.Second, err
}

func (s *tokenSource) prove(ctx context.Context, request Request) (*proof, error) {
	header, err := only(request, "authorization")
	if header == "" || err != nil {
		return nil, err
	}
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "bearer") || len(token) > tokenBytesMax {
		return nil, errors.New("an authorization that is no bearer token")
	}
	parsed, err := jwt.ParseSigned(strings.TrimSpace(token), s.all)
	if err != nil || len(parsed.Headers) != 1 {
		return nil, errors.New("a token that is malformed, or signed by another algorithm")
	}
	typ, _ := parsed.Headers[0].ExtraHeaders[jose.HeaderType].(string)
	if !slices.Contains(tokenTypes, strings.ToLower(typ)) {
		return nil, errors.New("a token of another type")
	}
	issuer, err := s.issuerOf(parsed)
	if err != nil {
		return nil, err
	}
	claims, err := issuer.verified(ctx, parsed)
	if err != nil {
		return nil, err
	}
	return issuer.read(claims)
}

// issuerOf is who a token says it is of; of several entries of one issuer the first with the audience. Nothing is
// believed yet: the issuer's own keys verify it.
func (s *tokenSource) issuerOf(token *jwt.JSONWebToken) (*tokenIssuer, error) {
	claims := map[string]any{}
	if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return nil, errors.New("a token that is malformed")
	}
	for _, issuer := range s.issuers {
		if claims["iss"] == issuer.issuer && issuer.isFor(claims) {
			if !slices.Contains(issuer.algorithms, jose.SignatureAlgorithm(token.Headers[0].Algorithm)) {
				return nil, errors.New("a token that is signed by another algorithm")
			}
			return issuer, nil
		}
	}
	return nil, errors.New("a token of another issuer, or for another audience")
}

// isFor tells whether the claims have an audience that is us.
func (s *tokenIssuer) isFor(claims map[string]any) bool {
	return slices.ContainsFunc(texts(claims["aud"]), func(audience string) bool {
		return slices.Contains(s.audiences, audience)
	})
}

// verified are the claims of a token whose signature is right by a key of the issuer.
func (s *tokenIssuer) verified(ctx context.Context, token *jwt.JSONWebToken) (map[string]any, error) {
	header := token.Headers[0]
	keys := s.keys.fitting(ctx, header.KeyID, header.Algorithm)
	if len(keys) == 0 {
		return nil, errors.New("a token by a key that the issuer does not publish, or that cannot be had")
	}
	for _, key := range keys {
		claims := map[string]any{}
		if token.Claims(key, &claims) == nil {
			return claims, nil
		}
	}
	return nil, errors.New("a token whose signature is wrong")
}

// read tells whether the claims are meant for us, now, and whom they name. The end is kept to the second, without the
// allowance for clocks that the beginning has.
func (s *tokenIssuer) read(claims map[string]any) (*proof, error) {
	if claims["iss"] != s.issuer || !s.isFor(claims) {
		return nil, errors.New("a token of another issuer, or for another audience")
	}
	now := s.now()
	until, ok := instant(claims["exp"])
	if !ok || !now.Before(until) {
		return nil, errors.New("a token that has expired, or never does")
	}
	for _, begin := range []string{"nbf", "iat"} {
		if claims[begin] == nil {
			continue
		}
		if from, ok := instant(claims[begin]); !ok || from.After(now.Add(s.skew)) {
			return nil, fmt.Errorf("a token whose `%s` is still to come", begin)
		}
	}
	if claims["cnf"] != nil {
		// Only its owner may use it, with a proof that we do not ask for: no bearer token.
		return nil, errors.New("a token that is bound to a key")
	}
	if s.claim == "email" && !s.anyEmail && claims["email_verified"] != true {
		return nil, errors.New("a token whose email is not verified")
	}
	id, ok := claims[s.claim].(string)
	if !ok || id == "" {
		return nil, fmt.Errorf("a token without `%s`", s.claim)
	}
	return &proof{principal: s.kind + ":" + id, until: until}, nil
}

// texts are those of a claim that is a text or a list.
func texts(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		var all []string
		for _, each := range claim {
			if text, ok := each.(string); ok {
				all = append(all, text)
			}
		}
		return all
	default:
		return nil
	}
}

// instant is a NumericDate, in seconds from 1970, at most 9999-12-31.
func instant(claim any) (time.Time, bool) {
	number, ok := claim.(float64)
	if !ok || number < 0 || number > 253402300799 {
		return time.Time{}, false
	}
	return time.Unix(int64(number), 0), true
}

func readKeys(issuer string, node *yamlnode.Node, fields map[string]*yamlnode.Node) (*issuerKeys, error) {
	refresh, err := seconds(fields["refresh-seconds"], 300, 10, daySeconds)
	if err != nil {
		return nil, err
	}
	stale, err := seconds(fields["stale-seconds"], daySeconds, 60, 7*daySeconds)
	if err != nil {
		return nil, err
	}
	var trusted []byte
	if file := fields["trusted-certificates"]; file != nil {
		path, err := file.Text()
		if err != nil {
			return nil, err
		}
		if trusted, err = os.ReadFile(path); err != nil {
			return nil, file.Errorf("`%s` (expected: a PEM file)", yamlnode.Shown(path))
		}
	}
	from := ""
	if keys := fields["keys"]; keys != nil {
		if from, err = keys.Text(); err != nil {
			return nil, err
		}
	}
	load, err := keyLoader(issuer, from, trusted)
	if err != nil {
		return nil, node.Errorf("%v", err)
	}
	return newIssuerKeys(load, refresh, stale, time.Now), nil
}
