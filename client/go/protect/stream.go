package protect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"modelgate.dev/client/go/internal/identity"
	"modelgate.dev/client/go/internal/rules"
	"modelgate.dev/client/go/modelgate"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// watchedMax is how many models one streaming call may use.
const watchedMax = 1000

// StreamServerInterceptor asks before each message of a streaming call reaches the handler, and cuts the call as soon as
// what it was allowed by is revoked, the sidecar cannot be heard, or the caller's credential ends.
//
// The handler runs on a goroutine of its own. When the call is cut its context ends, and every further Send and Recv
// fails; the call has ended for the client by then, whatever the handler does. What a handler sends before the first
// message was allowed waits for that. A panic of the handler reaches the interceptors around this one, unless the call
// was cut before; then it is logged.
func (g *Guard) StreamServerInterceptor() grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		method, caller, denied := g.begin(stream.Context(), info.FullMethod)
		if denied != nil {
			g.log.Debug("modelgate: refused", "request", info.FullMethod, "reason", denied.reason)
			return denied.err()
		}
		if method.Open() {
			return handler(server, stream)
		}
		watched := g.watch(stream.Context(), caller, info.FullMethod)
		defer watched.stop()
		guarded := &guardedStream{ServerStream: stream, watched: watched, method: method, first: make(chan struct{})}
		return guarded.run(func() error { return handler(server, guarded) })
	}
}

// watched is something that runs as long as all its targets stay allowed. Safe for concurrent use.
type watched struct {
	guard  *Guard
	caller identity.Caller
	what   string
	ctx    context.Context // ends with it
	cancel context.CancelFunc
	cut    chan struct{} // closed when it must end

	mu      sync.Mutex
	denied  *denial
	watches map[rules.Target]*modelgate.Watch
	timer   func()
}

func (g *Guard) watch(ctx context.Context, caller identity.Caller, what string) *watched {
	ctx, cancel := context.WithCancel(ctx)
	w := &watched{guard: g, caller: caller, what: what, ctx: ctx, cancel: cancel, cut: make(chan struct{}),
		watches: map[rules.Target]*modelgate.Watch{}}
	w.timer = untilTimer(caller.Until, func() { w.end(unauthenticated()) })
	return w
}

// end cuts it; only the first reason counts.
func (w *watched) end(denied *denial) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.denied != nil {
		return
	}
	w.denied = denied
	close(w.cut)
	w.cancel()
	w.guard.log.Debug("modelgate: refused", "request", w.what, "reason", denied.reason)
}

// reason is why it was cut; nil: it was not.
func (w *watched) reason() *denial {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.denied
}

// stop ends the watches; it has ended.
func (w *watched) stop() {
	w.cancel()
	w.timer()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, watch := range w.watches {
		watch.Stop()
	}
}

// admit asks for targets: by a watch for those that are new, by a check for the others, for a watch may be told of a
// change a moment later than a check.
func (w *watched) admit(targets []rules.Target) *denial {
	var known []rules.Target
	for _, target := range targets {
		w.mu.Lock()
		_, isKnown := w.watches[target]
		full := len(w.watches) >= watchedMax
		w.mu.Unlock()
		switch {
		case isKnown:
			known = append(known, target)
		case full:
			return malformed(fmt.Sprintf("more than %d models in one call", watchedMax))
		default:
			if denied := w.follow(target); denied != nil {
				return denied
			}
		}
	}
	if len(known) > 0 {
		return w.guard.authorize(w.ctx, w.caller, known)
	}
	return nil
}

// follow opens a watch, whose first answer is the check.
func (w *watched) follow(target rules.Target) *denial {
	watch := w.guard.client.Watch(w.ctx, question(w.caller, target))
	if denied := w.guard.denialOf(watch.Answer()); denied != nil {
		return denied
	}
	w.mu.Lock()
	w.watches[target] = watch
	w.mu.Unlock()
	go func() {
		select {
		case <-watch.Done():
			if denied := w.guard.denialOf(watch.Answer()); w.ctx.Err() == nil && denied != nil {
				w.end(denied)
			}
		case <-w.ctx.Done():
			watch.Stop()
		}
	}()
	return nil
}

// guardedStream is the stream that the handler sees.
//
// Invariants: the handler gets no message that was not allowed; nothing is sent before the first was, nor after the cut.
type guardedStream struct {
	grpc.ServerStream
	watched *watched
	method  *rules.Method

	once  sync.Once
	first chan struct{} // closed when the first message was allowed
}

type handled struct {
	err      error
	panicked any
	stack    []byte
}

// run runs the handler until it returns or the call is cut.
func (s *guardedStream) run(handler func() error) error {
	done := make(chan handled, 1)
	go func() {
		result := handled{err: errors.New("the handler left its goroutine")}
		defer func() {
			if failure := recover(); failure != nil {
				result.panicked, result.stack = failure, debug.Stack()
				if s.watched.reason() != nil {
					s.watched.guard.log.Error("modelgate: a handler panicked after its call was cut",
						"request", s.watched.what, "panic", failure, "stack", string(result.stack))
				}
			}
			done <- result
		}()
		result.err = handler()
	}()
	var result handled
	select {
	case result = <-done:
	case <-s.watched.cut:
	}
	if denied := s.watched.reason(); denied != nil {
		return denied.err()
	}
	if result.panicked != nil {
		panic(fmt.Sprintf("%v\n\n%s", result.panicked, result.stack))
	}
	if result.err == nil && !s.begun() {
		return unmapped().err()
	}
	return result.err
}

func (s *guardedStream) begun() bool {
	select {
	case <-s.first:
		return true
	default:
		return false
	}
}

// Context ends when the call is cut.
func (s *guardedStream) Context() context.Context {
	return s.watched.ctx
}

// RecvMsg passes a message on when all that it asks for is allowed.
func (s *guardedStream) RecvMsg(message any) error {
	if denied := s.watched.reason(); denied != nil {
		return denied.err()
	}
	if err := s.ServerStream.RecvMsg(message); err != nil {
		if errors.Is(err, io.EOF) && !s.begun() {
			return s.refuse(unmapped(), nil)
		}
		return err
	}
	outcome := s.watched.guard.outcome(s.watched.what, func() rules.Outcome {
		return s.watched.guard.read(s.method, message)
	})
	denied := refusal(outcome)
	if denied == nil {
		denied = s.watched.admit(outcome.Targets)
	}
	if denied != nil {
		return s.refuse(denied, message)
	}
	if denied := s.watched.reason(); denied != nil {
		return s.refuse(denied, message)
	}
	s.once.Do(func() { close(s.first) })
	return nil
}

// refuse ends the call, and empties the message lest a handler read it all the same.
func (s *guardedStream) refuse(denied *denial, message any) error {
	s.watched.end(denied)
	if parsed, ok := message.(proto.Message); ok {
		proto.Reset(parsed)
	}
	return s.watched.reason().err()
}

// ready waits until something may be sent.
func (s *guardedStream) ready() error {
	select {
	case <-s.first:
	case <-s.watched.ctx.Done():
	}
	if denied := s.watched.reason(); denied != nil {
		return denied.err()
	}
	if !s.begun() {
		return s.watched.ctx.Err()
	}
	return nil
}

// SendMsg sends unless the call was cut.
func (s *guardedStream) SendMsg(message any) error {
	if err := s.ready(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(message)
}

// SendHeader sends unless the call was cut.
func (s *guardedStream) SendHeader(header metadata.MD) error {
	if err := s.ready(); err != nil {
		return err
	}
	return s.ServerStream.SendHeader(header)
}
