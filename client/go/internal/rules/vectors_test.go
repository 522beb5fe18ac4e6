package rules

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"modelgate.dev/client/go/internal/yamlnode"

	"go.yaml.in/yaml/v3"
)

// vectors are the cases that all implementations run; the file says what they mean.
type vectors struct {
	Documents map[string]string
	GRPC      []struct {
		Name, Document, Method, Message string
		Outcome                         expected
	}
	HTTP []struct {
		Name, Document, Request string
		Headers                 [][2]string
		Body                    *string
		BodyHex                 *string `yaml:"body-hex"`
		Complete                *bool
		Outcome                 expected
	}
	Names []struct {
		Model, ID string
	}
	Refused []struct {
		Name, Document string
		Line           int
	}
}

type expected struct {
	Is      string
	Targets []Target
	List    string
	Action  string
}

func (e expected) String() string {
	return text(e.Is, e.Targets, e.List, e.Action)
}

func text(kind string, targets []Target, list, action string) string {
	set := map[Target]bool{}
	for _, target := range targets {
		set[target] = true
	}
	return fmt.Sprintf("%s %d of %v %s %s", kind, len(targets), set, list, action)
}

func (o Outcome) String() string {
	names := map[Kind]string{Open: "open", Ask: "targets", Listing: "listing", Unmapped: "unmapped",
		Malformed: "malformed", NeedsBody: "needs-body"}
	return text(names[o.Kind], o.Targets, o.List.String(), o.Action)
}

func readVectors(t testing.TB) *vectors {
	t.Helper()
	file, err := os.Open("testdata/vectors.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	all := &vectors{}
	if err := decoder.Decode(all); err != nil {
		t.Fatal(err)
	}
	return all
}

func protection(t testing.TB, document string) *Protection {
	t.Helper()
	read, err := readText(document)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func readText(document string) (*Protection, error) {
	node, err := yamlnode.Parse("protect.yaml", []byte(document))
	if err != nil {
		return nil, err
	}
	fields, err := node.Fields(append([]string{"principal", "acting-through"}, Keys...)...)
	if err != nil {
		return nil, err
	}
	return Read(node, fields)
}

func TestVectors_grpc(t *testing.T) {
	all := readVectors(t)
	for _, test := range all.GRPC {
		t.Run(test.Name, func(t *testing.T) {
			message, err := hex.DecodeString(test.Message)
			if err != nil {
				t.Fatal(err)
			}
			outcome := Outcome{}
			if method := protection(t, all.Documents[test.Document]).Method(test.Method); method != nil {
				outcome = method.Scan(message)
			}
			if outcome.String() != test.Outcome.String() {
				t.Fatalf("got %v (expected: %v)", outcome, test.Outcome)
			}
		})
	}
}

func TestVectors_http(t *testing.T) {
	all := readVectors(t)
	for _, test := range all.HTTP {
		t.Run(test.Name, func(t *testing.T) {
			rules := protection(t, all.Documents[test.Document])
			method, target, _ := strings.Cut(test.Request, " ")
			request := HTTPRequest{Method: method, Target: target, Header: http.Header{}}
			for _, line := range test.Headers {
				request.Header[line[0]] = append(request.Header[line[0]], line[1])
			}
			var body []byte
			outcome := Outcome{}
			switch {
			case test.Body != nil:
				body = []byte(*test.Body)
			case test.BodyHex != nil:
				decoded, err := hex.DecodeString(*test.BodyHex)
				if err != nil {
					t.Fatal(err)
				}
				body = decoded
			}
			if test.Body == nil && test.BodyHex == nil {
				outcome = rules.HTTP(request)
			} else {
				outcome = rules.HTTPBody(request, body, test.Complete == nil || *test.Complete)
			}
			if outcome.String() != test.Outcome.String() {
				t.Fatalf("got %v, `%s` (expected: %v)", outcome, outcome.Why, test.Outcome)
			}
		})
	}
}

func TestVectors_names(t *testing.T) {
	rules := protection(t, "parent: organizations/acme\nprotocols: openai\n")
	for _, test := range readVectors(t).Names {
		got, ok := rules.Resource(test.Model)
		if !ok || got != "organizations/acme/models/"+test.ID {
			t.Errorf("%q: got %s, %v (expected: %s)", test.Model, got, ok, test.ID)
		}
	}
}

func TestVectors_refusedDocuments(t *testing.T) {
	for _, test := range readVectors(t).Refused {
		t.Run(test.Name, func(t *testing.T) {
			_, err := readText(test.Document)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), fmt.Sprintf("line %d:", test.Line)) {
				t.Fatalf("got `%v` (expected: line %d)", err, test.Line)
			}
		})
	}
}
