package protect

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"modelgate.dev/client/go/internal/identity"
	"modelgate.dev/client/go/internal/rules"
	"modelgate.dev/client/go/internal/yamlnode"
	"modelgate.dev/client/go/modelgate"

	"google.golang.org/grpc/codes"
)

const (
	// documentBytesMax is the largest protection document.
	documentBytesMax = 1 << 20
	// BodyBytesDefault is how much of an HTTP body is read for the name of a model.
	BodyBytesDefault = 1 << 20
)

// Guard decides what reaches the handlers of a server. Safe for concurrent use.
type Guard struct {
	client    *modelgate.Client
	rules     *rules.Protection
	identity  *identity.Identity
	frames    func(any) ([]byte, bool)
	bodyBytes int64
	log       *slog.Logger
	warned    atomic.Int64 // when it was last said that the sidecar does not answer, in seconds from 1970
}

// Option is a setting of a guard.
type Option func(*Guard)

// WithFrames tells how to get at the bytes of a message that is no proto.Message, []byte, *[]byte or mem.BufferSlice, as
// servers with a codec of their own have them. They must be those that the handler gets.
func WithFrames(bytes func(message any) ([]byte, bool)) Option {
	return func(g *Guard) { g.frames = bytes }
}

// WithBodyBytes is how much of an HTTP body is read for the name of a model, and how large a filtered list may be, in
// bytes, at least 1. A larger body is refused. Default: [BodyBytesDefault].
func WithBodyBytes(bytes int64) Option {
	return func(g *Guard) { g.bodyBytes = bytes }
}

// WithLogger takes the lines about refused requests (debug), a sidecar that does not answer (warn, one a second) and
// failures (error). Default: slog.Default.
func WithLogger(log *slog.Logger) Option {
	return func(g *Guard) { g.log = log }
}

// Load makes a guard by the protection document in a file of at most 1 MiB.
func Load(client *modelgate.Client, path string, options ...Option) (*Guard, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	document, err := io.ReadAll(io.LimitReader(file, documentBytesMax+1))
	if err != nil {
		return nil, err
	}
	return parse(client, path, document, options)
}

// New makes a guard by a protection document. The client stays the caller's to close.
func New(client *modelgate.Client, document []byte, options ...Option) (*Guard, error) {
	return parse(client, "protection document", document, options)
}

func parse(client *modelgate.Client, name string, document []byte, options []Option) (*Guard, error) {
	if len(document) > documentBytesMax {
		return nil, fmt.Errorf("%s: is larger than %d bytes", name, documentBytesMax)
	}
	node, err := yamlnode.Parse(name, document)
	if err != nil {
		return nil, err
	}
	fields, err := node.Fields(append(append([]string{}, rules.Keys...), identity.Keys...)...)
	if err != nil {
		return nil, err
	}
	guard := &Guard{client: client, bodyBytes: BodyBytesDefault, log: slog.Default()}
	if guard.rules, err = rules.Read(node, fields); err != nil {
		return nil, err
	}
	if guard.identity, err = identity.Read(node, fields); err != nil {
		return nil, err
	}
	for _, option := range options {
		option(guard)
	}
	if guard.bodyBytes < 1 {
		return nil, fmt.Errorf("body bytes: %d (expected: at least 1)", guard.bodyBytes)
	}
	return guard, nil
}

// caller proves who makes a request; a failure of any kind is nobody.
func (g *Guard) caller(ctx context.Context, request identity.Request, what string) (caller identity.Caller, denied *denial) {
	defer func() {
		if failure := recover(); failure != nil {
			g.panicked(what, failure)
			denied = unauthenticated()
		}
	}()
	caller, err := g.identity.Caller(ctx, request)
	if err != nil {
		g.log.Debug("modelgate: nobody is proven to call", "request", what, "cause", err)
		return identity.Caller{}, unauthenticated()
	}
	return caller, nil
}

// outcome reads a request; a failure of any kind maps to nothing.
func (g *Guard) outcome(what string, read func() rules.Outcome) (outcome rules.Outcome) {
	defer func() {
		if failure := recover(); failure != nil {
			g.panicked(what, failure)
			outcome = rules.Outcome{}
		}
	}()
	return read()
}

func (g *Guard) panicked(what string, failure any) {
	g.log.Error("modelgate: a request could not be mapped and is refused", "request", what, "panic", failure,
		"stack", string(debug.Stack()))
}

// refusal is why an outcome goes no further; nil for one that may, once its targets are allowed.
func refusal(outcome rules.Outcome) *denial {
	switch outcome.Kind {
	case rules.Open, rules.Ask, rules.Listing:
		return nil
	case rules.Malformed:
		return malformed(outcome.Why)
	default:
		return unmapped()
	}
}

// authorize asks for all targets at once.
func (g *Guard) authorize(ctx context.Context, caller identity.Caller, targets []rules.Target) *denial {
	if !caller.Until.IsZero() && !time.Now().Before(caller.Until) {
		return unauthenticated()
	}
	if len(targets) == 1 {
		return g.denialOf(g.client.Check(ctx, question(caller, targets[0])))
	}
	if len(targets) == 0 {
		return unmapped()
	}
	for _, answer := range g.answers(ctx, caller, targets) {
		if denied := g.denialOf(answer); denied != nil {
			return denied
		}
	}
	return nil
}

// answers asks for any number of targets and returns one answer for each, in their order.
func (g *Guard) answers(ctx context.Context, caller identity.Caller, targets []rules.Target) []modelgate.Answer {
	var answers []modelgate.Answer
	for len(targets) > 0 {
		part := targets[:min(len(targets), modelgate.BatchMax)]
		targets = targets[len(part):]
		questions := make([]modelgate.Question, len(part))
		for i, target := range part {
			questions[i] = question(caller, target)
		}
		answers = append(answers, g.client.BatchCheck(ctx, questions)...)
	}
	return answers
}

// denialOf is nil for an answer that allows. Once a second it says in the log why the sidecar does not answer.
func (g *Guard) denialOf(answer modelgate.Answer) *denial {
	denied := denialOf(answer)
	if denied != nil && denied.code == codes.Unavailable {
		now := time.Now().Unix()
		if last := g.warned.Load(); last != now && g.warned.CompareAndSwap(last, now) {
			g.log.Warn("modelgate: the sidecar does not answer, and requests are refused", "cause", answer.Err)
		}
	}
	return denied
}

func question(caller identity.Caller, target rules.Target) modelgate.Question {
	return modelgate.Question{
		Principal:     caller.Principal,
		ActingThrough: caller.ActingThrough,
		Model:         target.Resource,
		Action:        target.Action,
	}
}
