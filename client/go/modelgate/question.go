package modelgate

import (
	"fmt"
	"time"
	"unicode/utf8"

	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/protobuf/types/known/structpb"
)

// Question is one access to decide: may Principal do Action on Model?
type Question struct {
	// Principal is who acts, such as "user:ana@acme.com". Required.
	Principal string
	// Model is what is acted on, such as "organizations/acme/models/fraud/versions/3". A relative name such as "fraud"
	// is completed by the default parent of the sidecar's configuration. Required.
	Model string
	// Action is a verb or permission of the organization's profile, such as "predict". Required.
	Action string
	// ActingThrough are the service accounts or apps in between, nearest to the principal first, at most 8. All of them
	// must be allowed too.
	ActingThrough []string
	// Context has the attributes for conditions, as [structpb.NewStruct] takes them; at most 64 KiB encoded.
	Context map[string]any
	// LinkSecret is the secret of the external link that Principal is; empty for all others.
	LinkSecret string
}

// String is all but the secret and the attributes, so that a question may be logged.
func (q Question) String() string {
	return fmt.Sprintf("%s on %s by %s through %q", q.Action, q.Model, q.Principal, q.ActingThrough)
}

func (q Question) toWire() (*modelgatev1.CheckRequest, error) {
	for _, field := range []struct{ name, value string }{
		{"principal", q.Principal}, {"model", q.Model}, {"action", q.Action},
	} {
		if field.value == "" {
			return nil, fmt.Errorf("%s: `` (expected: not empty)", field.name)
		}
	}
	for _, text := range append([]string{q.Principal, q.Model, q.Action, q.LinkSecret}, q.ActingThrough...) {
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("question: %q (expected: valid UTF-8)", text)
		}
	}
	request := &modelgatev1.CheckRequest{
		Principal:     q.Principal,
		Model:         q.Model,
		Action:        q.Action,
		ActingThrough: q.ActingThrough,
		LinkSecret:    q.LinkSecret,
	}
	if len(q.Context) > 0 {
		attributes, err := structpb.NewStruct(q.Context)
		if err != nil {
			return nil, fmt.Errorf("context: %w", err)
		}
		request.Context = attributes
	}
	return request, nil
}

// Outcome is what a check decides. The zero value denies.
type Outcome int

const (
	// Denied: no, or not decided; see [Answer.Err].
	Denied Outcome = iota
	// Allowed: the sidecar said so.
	Allowed
	// Conditional would turn on attributes that the context lacks. Read it as a denial, or ask again with them.
	Conditional
)

// String is the outcome in UPPER_SNAKE.
func (o Outcome) String() string {
	switch o {
	case Allowed:
		return "ALLOWED"
	case Conditional:
		return "CONDITIONAL"
	default:
		return "DENIED"
	}
}

// Answer is what the sidecar decided, or that it could not be asked. The zero value denies.
type Answer struct {
	// Outcome is the decision. Only [Allowed] allows.
	Outcome Outcome
	// Reason is why not, in UPPER_SNAKE such as "NO_GRANT"; empty on allow. With Err it is the sidecar's error reason
	// or, if it gave none, the name of the gRPC status such as "DEADLINE_EXCEEDED".
	Reason string
	// Revision is where the answer holds; opaque, empty where there is none.
	Revision string
	// ValidUntil is the earliest time at which the answer could change with no change made; zero: none is known. No
	// promise: a revoke ends it at once.
	ValidUntil time.Time
	// DeniedLink is which of ActingThrough was denied; empty: none.
	DeniedLink string
	// MissingAttributes are those that the context lacks, sorted; only with [Conditional].
	MissingAttributes []string
	// Err is why no decision was read: a gRPC status error, or a mistake in the question. Only with [Denied].
	Err error
}

// Allowed tells whether the action may go ahead: an explicit decision to allow, and nothing else.
func (a Answer) Allowed() bool {
	return a.Outcome == Allowed && a.Err == nil
}
