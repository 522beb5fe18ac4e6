package rules

import (
	"embed"
	"regexp"
	"slices"
	"strings"

	"modelgate.dev/client/go/internal/yamlnode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

//go:embed protocols
var protocols embed.FS

const health = "grpc.health.v1.Health/"

// parentName leaves room for /models/{model}/versions/{version} within the eight levels of a name.
var parentName = regexp.MustCompile(`^organizations/[^/\s]+(/[a-z][a-zA-Z]{0,62}/[^/\s]+){0,5}$`)

// Protection tells what each request to a prediction server asks for. What no rule matches is Unmapped, but for the
// standard gRPC health service, which is open. Immutable.
type Protection struct {
	names *names
	grpc  map[string]*Method
	http  *httpRules
}

// Keys are those of a protection document that say what requests ask for.
var Keys = []string{"parent", "protocols", "versions", "actions", "grpc", "http"}

// Read reads them.
func Read(document *yamlnode.Node, fields map[string]*yamlnode.Node) (*Protection, error) {
	parentNode, err := document.Required(fields, "parent")
	if err != nil {
		return nil, err
	}
	parent, err := parentNode.Matching(isParent, "a full name such as organizations/acme")
	if err != nil {
		return nil, err
	}
	mode, err := readVersions(fields["versions"])
	if err != nil {
		return nil, err
	}
	actions, err := readActions(fields["actions"])
	if err != nil {
		return nil, err
	}
	own, all := newReader(actions), newReader(actions)
	if err := own.read(fields); err != nil {
		return nil, err
	}
	if err := readProtocols(fields["protocols"], all, own); err != nil {
		return nil, err
	}
	for method, entry := range own.grpc {
		all.grpc[method] = entry
	}
	for shape, rule := range own.http {
		all.http[shape] = rule
	}
	if len(all.grpc) == 0 && len(all.http) == 0 {
		return nil, document.Errorf("expected: `protocols`, `grpc` or `http`, or every request is denied")
	}
	names := &names{models: parent + "/models/", mode: mode}
	protection := &Protection{names: names, grpc: map[string]*Method{}, http: newHTTPRules(all.http, names)}
	for method, entry := range all.grpc {
		protection.grpc[method] = &Method{entry: entry, names: names}
	}
	return protection, nil
}

func isParent(name string) bool {
	for id := range strings.SplitSeq(name, "/") {
		if len(id) > segmentBytesMax {
			return false
		}
	}
	return parentName.MatchString(name)
}

func readVersions(node *yamlnode.Node) (versionMode, error) {
	if node == nil {
		return versionsChecked, nil
	}
	modes := map[string]versionMode{"check": versionsChecked, "ignore": versionsIgnored, "numeric": versionsNumeric}
	text, err := node.Matching(func(text string) bool { _, known := modes[text]; return known },
		"check, ignore or numeric")
	return modes[text], err
}

func readActions(node *yamlnode.Node) (map[string]string, error) {
	actions := map[string]string{"get": "get_use", "load": "update"}
	if node == nil {
		return actions, nil
	}
	entries, err := node.Entries()
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if actions[entry.Name], err = readAction(entry.Value); err != nil {
			return nil, err
		}
	}
	return actions, nil
}

func readProtocols(node *yamlnode.Node, all, own *reader) error {
	if node == nil {
		return nil
	}
	items, err := node.OneOrMore()
	if err != nil {
		return err
	}
	var seen []string
	for _, item := range items {
		name, err := item.Text()
		if err != nil {
			return err
		}
		if slices.Contains(seen, name) {
			return item.Errorf("`%s` stands twice", yamlnode.Shown(name))
		}
		seen = append(seen, name)
		text, err := protocols.ReadFile("protocols/" + name + ".yaml")
		if err != nil || strings.ContainsAny(name, "/.") {
			return item.Errorf("`%s` (expected: one of %v)", yamlnode.Shown(name), builtIn())
		}
		protocol, err := readProtocol(name, text, all.actions)
		if err != nil {
			return err
		}
		if err := all.add(protocol, own, item); err != nil {
			return err
		}
	}
	return nil
}

func readProtocol(name string, text []byte, actions map[string]string) (*reader, error) {
	document, err := yamlnode.Parse(name+".yaml", text)
	if err != nil {
		return nil, err
	}
	fields, err := document.Fields("protocol", "grpc", "http")
	if err != nil {
		return nil, err
	}
	protocol := newReader(actions)
	return protocol, protocol.read(fields)
}

func builtIn() []string {
	var names []string
	entries, _ := protocols.ReadDir("protocols")
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return names
}

// Method is the rule of a gRPC method such as inference.GRPCInferenceService/ModelInfer; nil when its calls are to be
// denied. A slash in front is left out.
func (p *Protection) Method(full string) *Method {
	full = strings.TrimPrefix(full, "/")
	if method := p.grpc[full]; method != nil {
		return method
	}
	if strings.HasPrefix(full, health) {
		return &Method{entry: grpcEntry{open: true}}
	}
	return nil
}

// HTTP is what a request asks for by its head: NeedsBody when the rule reads the body.
func (p *Protection) HTTP(request HTTPRequest) Outcome {
	return p.http.read(request, nil, false)
}

// HTTPBody is what a request asks for by its head and its body. A rule that reads a body refuses a part of one.
func (p *Protection) HTTPBody(request HTTPRequest, body []byte, complete bool) Outcome {
	outcome := p.HTTP(request)
	switch {
	case outcome.Kind != NeedsBody:
		return outcome
	case !complete:
		return refused(malformedf("a body of which only a part was read"))
	default:
		return p.http.read(request, body, true)
	}
}

// Resource is that of a model by the name that requests have for it; false when it can be none.
func (p *Protection) Resource(model string) (string, bool) {
	resource, err := p.names.resource(model, "")
	return resource, err == nil && model != ""
}

// Method is what the messages of one gRPC method ask for. Each message of a stream is read by itself: one without a
// model is unmapped. Immutable.
type Method struct {
	entry grpcEntry
	names *names
}

// Open tells whether calls pass unasked, whatever their messages are.
func (m *Method) Open() bool {
	return m.entry.open
}

// Scan is what a message asks for, by its bytes.
func (m *Method) Scan(message []byte) Outcome {
	if m.entry.open {
		return Outcome{Kind: Open}
	}
	asked := &asked{names: m.names, action: m.entry.action}
	if err := scan(message, m.entry.fields, asked); err != nil {
		return refused(err)
	}
	return asked.outcome()
}

// Read is what a parsed message asks for: for whoever holds the very object that the handler gets. A message without
// such fields is unmapped.
func (m *Method) Read(message protoreflect.Message) Outcome {
	if m.entry.open {
		return Outcome{Kind: Open}
	}
	asked := &asked{names: m.names, action: m.entry.action}
	if err := readFields(message, m.entry.fields, asked); err != nil {
		return refused(err)
	}
	return asked.outcome()
}
