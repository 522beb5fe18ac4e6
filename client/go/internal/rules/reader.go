package rules

import (
	"reflect"
	"regexp"

	"modelgate.dev/client/go/internal/yamlnode"
)

var (
	serviceName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
	methodName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	actionName  = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.-]{0,63}$`)
)

// grpcEntry is the rule of one gRPC method, as a document has it; the paths of fields tell rules apart.
type grpcEntry struct {
	open                  bool
	action                string
	model, version, label string
	integerVersion        bool
	fields                *fieldTree
}

func (e grpcEntry) same(other grpcEntry) bool {
	e.fields, other.fields = nil, nil
	return e == other
}

// reader reads `grpc:` and `http:`, which protocol documents and protection documents have alike, and puts several
// together.
//
// No rule stands twice in one document. Of two protocols that know the same request, both must say the same of it; what
// the protection document itself says of a request goes before both.
type reader struct {
	actions map[string]string
	grpc    map[string]grpcEntry // by full method
	http    map[string]*httpRule // by shape
}

func newReader(actions map[string]string) *reader {
	return &reader{actions: actions, grpc: map[string]grpcEntry{}, http: map[string]*httpRule{}}
}

func (r *reader) read(fields map[string]*yamlnode.Node) error {
	if services := fields["grpc"]; services != nil {
		entries, err := services.Entries()
		if err != nil {
			return err
		}
		for _, service := range entries {
			if err := r.service(service.Name, service.Value); err != nil {
				return err
			}
		}
	}
	if requests := fields["http"]; requests != nil {
		items, err := requests.Items()
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := r.httpRule(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds the rules of a protocol; own are those of the protection document, which may settle what protocols dispute.
func (r *reader) add(protocol, own *reader, place *yamlnode.Node) error {
	dispute := func(what string) error {
		return place.Errorf("`%s` is something else in another of these protocols (expected: a rule of your own for it, "+
			"or fewer protocols)", yamlnode.Shown(what))
	}
	for method, entry := range protocol.grpc {
		if other, known := r.grpc[method]; !known {
			r.grpc[method] = entry
		} else if _, settled := own.grpc[method]; !settled && !other.same(entry) {
			return dispute(method)
		}
	}
	for shape, rule := range protocol.http {
		if other, known := r.http[shape]; !known {
			r.http[shape] = rule
		} else if _, settled := own.http[shape]; !settled && !reflect.DeepEqual(other, rule) {
			return dispute(rule.pattern.text)
		}
	}
	return nil
}

func (r *reader) service(service string, methods *yamlnode.Node) error {
	if !serviceName.MatchString(service) {
		return methods.Errorf("`%s` (expected: a full service name)", yamlnode.Shown(service))
	}
	entries, err := methods.Entries()
	if err != nil {
		return err
	}
	for _, method := range entries {
		if !methodName.MatchString(method.Name) {
			return method.Value.Errorf("`%s` (expected: a method's name)", yamlnode.Shown(method.Name))
		}
		entry, err := r.grpcRule(method.Value)
		if err != nil {
			return err
		}
		r.grpc[service+"/"+method.Name] = entry
	}
	return nil
}

func (r *reader) grpcRule(node *yamlnode.Node) (grpcEntry, error) {
	fields, err := node.Fields("open", "action", "model", "version", "version-type", "label")
	if err != nil {
		return grpcEntry{}, err
	}
	if open, err := isOpen(node, fields, 1); err != nil || open {
		return grpcEntry{open: open}, err
	}
	action, err := r.action(node, fields)
	if err != nil {
		return grpcEntry{}, err
	}
	entry := grpcEntry{action: action}
	for _, path := range []struct {
		key  string
		into *string
	}{{"model", &entry.model}, {"version", &entry.version}, {"label", &entry.label}} {
		if field := fields[path.key]; field != nil {
			if *path.into, err = field.Text(); err != nil {
				return grpcEntry{}, err
			}
		}
	}
	if entry.model == "" {
		return grpcEntry{}, node.Errorf("`model` is missing")
	}
	if kind := fields["version-type"]; kind != nil {
		if entry.version == "" {
			return grpcEntry{}, kind.Errorf("version-type: expected beside `version`")
		}
		text, err := kind.Matching(func(text string) bool { return text == "int64" || text == "string" }, "int64 or string")
		if err != nil {
			return grpcEntry{}, err
		}
		entry.integerVersion = text == "int64"
	}
	if entry.fields, err = newFieldTree(entry.model, entry.version, entry.label, entry.integerVersion); err != nil {
		return grpcEntry{}, node.Errorf("%v", err)
	}
	return entry, nil
}

func (r *reader) httpRule(node *yamlnode.Node) error {
	fields, err := node.Fields("request", "open", "action", "body", "list")
	if err != nil {
		return err
	}
	request, err := node.Required(fields, "request")
	if err != nil {
		return err
	}
	text, err := request.Text()
	if err != nil {
		return err
	}
	pattern, err := parseHTTPPattern(text)
	if err != nil {
		return request.Errorf("`%s` (expected: METHOD /path with {model}, {version} or {label} as a segment or before a "+
			":suffix)", yamlnode.Shown(text))
	}
	rule := &httpRule{pattern: pattern}
	if rule.open, err = isOpen(node, fields, 2); err != nil {
		return err
	}
	if !rule.open {
		if err := r.ask(rule, node, fields); err != nil {
			return err
		}
	}
	if r.http[pattern.shape()] != nil {
		return node.Errorf("`%s` matches what a rule before does", yamlnode.Shown(text))
	}
	r.http[pattern.shape()] = rule
	return nil
}

func (r *reader) ask(rule *httpRule, node *yamlnode.Node, fields map[string]*yamlnode.Node) (err error) {
	if rule.action, err = r.action(node, fields); err != nil {
		return err
	}
	body, list := fields["body"], fields["list"]
	switch {
	case list != nil && (body != nil || rule.pattern.namesModel()):
		return node.Errorf("list: expected neither `body` nor a variable in the path")
	case list == nil && body == nil && !rule.pattern.namesModel():
		return node.Errorf("expected: {model} in the path, `body`, `list`, or `open: true`")
	case list != nil:
		rule.list, err = jsonPath(list)
		if err == nil && !rule.list.Many() {
			err = list.Errorf("expected: keys such as data[].id")
		}
	case body != nil:
		keys, e := body.Fields("model")
		if e != nil {
			return e
		}
		model, e := body.Required(keys, "model")
		if e != nil {
			return e
		}
		rule.body, err = jsonPath(model)
	}
	return err
}

func jsonPath(node *yamlnode.Node) (JSONPath, error) {
	text, err := node.Text()
	if err != nil {
		return nil, err
	}
	path, err := parseJSONPath(text)
	if err != nil {
		return nil, node.Errorf("`%s` (expected: keys joined by dots, [] behind an array)", yamlnode.Shown(text))
	}
	return path, nil
}

// isOpen tells whether a rule is `open: true`, beside which nothing else may stand.
func isOpen(node *yamlnode.Node, fields map[string]*yamlnode.Node, alone int) (bool, error) {
	open := fields["open"]
	if open == nil {
		return false, nil
	}
	flag, err := open.Flag()
	if err != nil {
		return false, err
	}
	if !flag || len(fields) > alone {
		return false, node.Errorf("open: expected `true`, and nothing beside it")
	}
	return true, nil
}

func (r *reader) action(node *yamlnode.Node, fields map[string]*yamlnode.Node) (string, error) {
	field, err := node.Required(fields, "action")
	if err != nil {
		return "", err
	}
	name, err := readAction(field)
	if mapped, known := r.actions[name]; known && err == nil {
		return mapped, nil
	}
	return name, err
}

func readAction(node *yamlnode.Node) (string, error) {
	return node.Matching(actionName.MatchString, "an action of the organization's profile")
}
