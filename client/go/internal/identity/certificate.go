package identity

import (
	"context"
	"crypto/x509"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"modelgate.dev/client/go/internal/yamlnode"
)

const (
	// varying stands for the part of a name that does.
	varying    = "{id}"
	uriSegment = `([^/?#]+)`
	dnsLabel   = `([a-z0-9_-]+)`
)

// namePattern fits one name of a certificate.
//
// A pattern is a whole name, in which {id} may stand once: for one segment of a URI's path, one label of a DNS name, or
// the whole value of one attribute of a subject. It never stands for more, so that a name cannot be longer than the
// rule's author thought.
type namePattern struct {
	field   string // uri, dns or subject
	places  int    // of {id}
	regexp  *regexp.Regexp
	subject []rdn
}

// certificateRule maps certificates to principals by one name.
type certificateRule struct {
	namePattern
	principal string
}

// certificateNames are those of a certificate.
type certificateNames struct {
	uris, dns, subject []string
}

// readCertificateRules reads a rule or a list of them.
func readCertificateRules(node *yamlnode.Node) ([]certificateRule, error) {
	items, err := node.OneOrMore()
	if err != nil {
		return nil, err
	}
	var rules []certificateRule
	for _, item := range items {
		rule, err := readCertificateRule(item)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	if len(rules) == 0 {
		return nil, node.Errorf("expected: at least one mapping")
	}
	return rules, nil
}

func readCertificateRule(node *yamlnode.Node) (certificateRule, error) {
	fields, err := node.Fields("uri", "dns", "subject", "principal")
	if err != nil {
		return certificateRule{}, err
	}
	pattern, err := readPattern(node, fields)
	if err != nil {
		return certificateRule{}, err
	}
	principal, err := node.Required(fields, "principal")
	if err != nil {
		return certificateRule{}, err
	}
	rule := certificateRule{namePattern: pattern}
	rule.principal, err = principal.Matching(func(text string) bool {
		return isPrincipal(strings.ReplaceAll(text, varying, "x"))
	}, "a user, serviceAccount or app, with {id} for what varies")
	if err == nil && strings.Count(rule.principal, varying) != pattern.places {
		err = principal.Errorf("principal: {id} must stand once in it and in the name, or in neither")
	}
	return rule, err
}

// readPattern reads the one of uri, dns and subject that stands in a mapping.
func readPattern(node *yamlnode.Node, fields map[string]*yamlnode.Node) (namePattern, error) {
	pattern := namePattern{}
	var found *yamlnode.Node
	for _, field := range []string{"uri", "dns", "subject"} {
		if fields[field] == nil {
			continue
		}
		if found != nil {
			return pattern, node.Errorf("expected: one of `uri`, `dns` and `subject`")
		}
		pattern.field, found = field, fields[field]
	}
	if found == nil {
		return pattern, node.Errorf("expected: one of `uri`, `dns` and `subject`")
	}
	text, err := found.Text()
	if err != nil {
		return pattern, err
	}
	pattern.places = strings.Count(text, varying)
	switch pattern.field {
	case "uri":
		pattern.regexp = wholeName(text, uriSegment)
	case "dns":
		pattern.regexp = wholeName(strings.ToLower(text), dnsLabel)
	default:
		pattern.subject, err = parseSubject(text)
	}
	if err != nil || pattern.places > 1 {
		return pattern, found.Errorf("`%s` (expected: a name with {id} at most once, a subject such as CN={id},O=Acme)",
			yamlnode.Shown(text))
	}
	return pattern, nil
}

func wholeName(pattern, place string) *regexp.Regexp {
	before, after, found := strings.Cut(pattern, varying)
	text := regexp.QuoteMeta(before)
	if found {
		text += place + regexp.QuoteMeta(after)
	}
	return regexp.MustCompile(`^(?:` + text + `)$`)
}

// match is what {id} stands for in a name that fits.
func (p *namePattern) match(name string) (string, bool) {
	if p.field == "subject" {
		return p.subjectID(name)
	}
	if p.field == "dns" {
		name = strings.ToLower(name)
	}
	match := p.regexp.FindStringSubmatch(name)
	if match == nil {
		return "", false
	}
	if p.places == 0 {
		return "", true
	}
	return match[1], true
}

// subjectID compares attribute by attribute, in order, all of them.
func (p *namePattern) subjectID(name string) (string, bool) {
	found, err := parseSubject(name)
	if err != nil || len(found) != len(p.subject) {
		return "", false
	}
	id := ""
	for i, wanted := range p.subject {
		if !strings.EqualFold(wanted.kind, found[i].kind) {
			return "", false
		}
		if wanted.value == varying {
			id = found[i].value
		} else if wanted.value != found[i].value {
			return "", false
		}
	}
	return id, true
}

// believed tells whether the names are anybody's. A SPIFFE certificate has one URI (X509-SVID, section 2); of several none
// is to be believed.
func (n certificateNames) believed() bool {
	return len(n.uris) < 2 || !slices.ContainsFunc(n.uris, func(uri string) bool {
		return strings.HasPrefix(strings.ToLower(uri), "spiffe://")
	})
}

// of are those that a pattern looks at.
func (n certificateNames) of(field string) []string {
	switch field {
	case "uri":
		return n.uris
	case "dns":
		return n.dns
	default:
		return n.subject
	}
}

// principalOf is that of the first rule that fits a name; a certificate that none fits is refused.
func principalOf(rules []certificateRule, names certificateNames) (string, error) {
	if names.believed() {
		for _, rule := range rules {
			for _, name := range names.of(rule.field) {
				if id, ok := rule.match(name); ok {
					return strings.ReplaceAll(rule.principal, varying, id), nil
				}
			}
		}
	}
	return "", errors.New("a certificate that maps to nobody")
}

// namesOf are those of a certificate.
func namesOf(certificate *x509.Certificate) certificateNames {
	names := certificateNames{dns: certificate.DNSNames}
	if subject, err := subjectOf(certificate); err == nil {
		names.subject = []string{subject}
	}
	for _, uri := range certificate.URIs {
		names.uris = append(names.uris, uri.String())
	}
	return names
}

// hop is whose word is taken for who calls: the proxy that authenticates callers (hazard 38).
type hop struct {
	// names are those of its certificate; none: whoever connects over loopback or a unix socket.
	names []namePattern
}

func readHop(node *yamlnode.Node) (*hop, error) {
	if node.IsText() {
		_, err := node.Matching(func(text string) bool { return text == "local" },
			"`local`, or names of its certificate such as {uri: spiffe://acme/envoy}")
		return &hop{}, err
	}
	items, err := node.OneOrMore()
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, node.Errorf("trusted-hop: is empty, so that nobody is trusted")
	}
	trusted := &hop{}
	for _, item := range items {
		fields, err := item.Fields("uri", "dns", "subject")
		if err != nil {
			return nil, err
		}
		pattern, err := readPattern(item, fields)
		if err != nil {
			return nil, err
		}
		trusted.names = append(trusted.names, pattern)
	}
	return trusted, nil
}

// is tells whether a request comes from there.
func (h *hop) is(request Request) bool {
	if len(h.names) == 0 {
		return request.Local
	}
	if len(request.Chain) == 0 {
		return false
	}
	own := namesOf(request.Chain[0])
	return own.believed() && slices.ContainsFunc(h.names, func(pattern namePattern) bool {
		return slices.ContainsFunc(own.of(pattern.field), func(name string) bool {
			_, fits := pattern.match(name)
			return fits
		})
	})
}

// certificateSource maps the peer's certificate.
type certificateSource struct{ rules []certificateRule }

func (s *certificateSource) prove(_ context.Context, request Request) (*proof, error) {
	if len(request.Chain) == 0 {
		return nil, nil
	}
	principal, err := principalOf(s.rules, namesOf(request.Chain[0]))
	if err != nil {
		return nil, err
	}
	return &proof{principal: principal, until: chainEnd(request.Chain)}, nil
}

func chainEnd(chain []*x509.Certificate) time.Time {
	var end time.Time
	for _, certificate := range chain {
		end = earlier(end, certificate.NotAfter)
	}
	return end
}
