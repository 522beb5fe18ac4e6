package rules

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// HTTPRequest is the head of a request, as it came.
type HTTPRequest struct {
	// Method is compared as it stands.
	Method string
	// Target is the request target with its query, not decoded.
	Target string
	// Header has the values of each header, one for each line, by names in any case.
	Header http.Header
}

// httpRule is one rule of HTTP requests: open, the models of path and body, or a list.
type httpRule struct {
	pattern *httpPattern
	open    bool
	action  string
	body    JSONPath // nil: the path alone names the model
	list    JSONPath // nil: no list
}

// httpRules are all rules.
//
// Of several that match a path, the more particular one counts, segment by segment from the left: a text before a
// variable with a suffix, that before a variable alone. No two match by the same shape, so there is always one that
// counts.
type httpRules struct {
	names *names
	rules []*httpRule // the more particular first
}

func newHTTPRules(all map[string]*httpRule, names *names) *httpRules {
	rules := &httpRules{names: names}
	for _, rule := range all {
		rules.rules = append(rules.rules, rule)
	}
	slices.SortFunc(rules.rules, func(a, b *httpRule) int { return cmp.Compare(a.pattern.shape(), b.pattern.shape()) })
	return rules
}

func (r *httpRules) match(method string, path []string) *httpRule {
	for _, rule := range r.rules {
		if rule.pattern.method == method && len(rule.pattern.segments) == len(path) && rule.pattern.matches(path) {
			return rule
		}
	}
	return nil
}

// read is what a request asks for; the body counts only when it was read.
func (r *httpRules) read(request HTTPRequest, body []byte, bodyRead bool) Outcome {
	if err := requireSafe(request.Header); err != nil {
		return refused(err)
	}
	path, err := parseRawPath(request.Target)
	if err != nil {
		return refused(err)
	}
	rule := r.match(request.Method, path.raw)
	if rule == nil {
		return unmapped("no rule for this request")
	}
	if path.encoded() {
		if other := r.match(request.Method, path.decoded); other != nil && other != rule {
			// A server that decodes before it routes takes it for that one.
			return refused(malformedf("a path that is another request when it is decoded"))
		}
	}
	switch {
	case rule.open:
		return Outcome{Kind: Open}
	case rule.list != nil:
		return Outcome{Kind: Listing, List: rule.list, Action: rule.action}
	}
	return r.models(rule, path, request, body, bodyRead)
}

func (r *httpRules) models(rule *httpRule, path rawPath, request HTTPRequest, body []byte, bodyRead bool) Outcome {
	asked := &asked{names: r.names, action: rule.action}
	model := rule.pattern.value("model", path.decoded)
	if model != "" {
		if err := asked.add(model, rule.pattern.value("version", path.decoded)); err != nil {
			return refused(err)
		}
	}
	if rule.body == nil {
		return asked.outcome()
	}
	if err := requireJSON(request.Header); err != nil {
		return refused(err)
	}
	if !bodyRead {
		return Outcome{Kind: NeedsBody}
	}
	found, err := readJSON(body, rule.body)
	if err != nil {
		return refused(err)
	}
	for _, text := range found.texts {
		if model != "" && text != model {
			return refused(malformedf("a path and a body that name different models"))
		}
		if model == "" {
			if err := asked.add(text, ""); err != nil {
				return refused(err)
			}
		}
	}
	if found.missing && (model == "" || rule.body.Many()) {
		asked.unnamed = true
	}
	return asked.outcome()
}

// requireSafe refuses headers that servers read differently (hazard 37): an upgrade to another protocol, another method,
// two ways to say how long the body is.
func requireSafe(header http.Header) error {
	for name := range header {
		// CGI and WSGI make one name of both.
		switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
		case "x-http-method-override", "x-http-method", "x-method-override":
			return malformedf("a header that overrides the method")
		case "upgrade":
			return malformedf("an upgrade to another protocol")
		}
	}
	lengths := values(header, "content-length")
	if len(lengths) > 1 || len(lengths) > 0 && len(values(header, "transfer-encoding")) > 0 {
		return malformedf("more than one length of the body")
	}
	return nil
}

// requireJSON refuses what a body that is read here may not be.
func requireJSON(header http.Header) error {
	types := values(header, "content-type")
	if len(types) != 1 || !isJSON(types[0]) {
		return malformedf("a body that is not application/json")
	}
	for _, coding := range values(header, "content-encoding") {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			return malformedf("a body with a content encoding")
		}
	}
	return nil
}

func isJSON(contentType string) bool {
	parts := strings.Split(strings.ToLower(contentType), ";")
	if strings.TrimSpace(parts[0]) != "application/json" {
		return false
	}
	for _, part := range parts[1:] {
		if parameter := strings.TrimSpace(part); parameter != "charset=utf-8" && parameter != `charset="utf-8"` {
			return false
		}
	}
	return true
}

// values are those of a header, whatever the case of its name.
func values(header http.Header, lower string) []string {
	var all []string
	for name, lines := range header {
		if strings.EqualFold(name, lower) {
			all = append(all, lines...)
		}
	}
	return all
}
