// Package fakesidecar is a sidecar for tests: it speaks the contract over a unix socket and decides by a table.
package fakesidecar

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/grpc"
)

// Heartbeat is how often a watch stream hears something.
const Heartbeat = 20 * time.Millisecond

// Sidecar allows what its table names and denies all else with NO_GRANT. Safe for concurrent use.
type Sidecar struct {
	modelgatev1.UnimplementedAuthorizationServiceServer
	tb testing.TB
	// Socket is where it listens.
	Socket string

	mu       sync.Mutex
	server   *grpc.Server
	answers  map[string]*modelgatev1.CheckResponse
	failure  error
	failures int // how many calls fail; negative: all
	hold     chan struct{}
	silent   bool
	garbled  bool
	streams  map[*stream]bool
	seen     []*modelgatev1.CheckRequest
	batches  int
	watching int
}

type stream struct {
	mu   sync.Mutex
	call grpc.BidiStreamingServer[modelgatev1.WatchAccessRequest, modelgatev1.WatchAccessResponse]
	open map[uint64]string // the key of the question, by id
}

// Start listens until the test ends.
func Start(tb testing.TB) *Sidecar {
	tb.Helper()
	directory, err := os.MkdirTemp("", "mg") // Short: a socket's path has at most 107 bytes.
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(directory) })
	s := &Sidecar{
		tb:      tb,
		Socket:  filepath.Join(directory, "modelgate.sock"),
		answers: map[string]*modelgatev1.CheckResponse{},
		streams: map[*stream]bool{},
	}
	s.Restart()
	tb.Cleanup(s.Stop)
	return s
}

// Restart listens again after Stop.
func (s *Sidecar) Restart() {
	listener, err := net.Listen("unix", s.Socket)
	if err != nil {
		s.tb.Fatal(err)
	}
	server := grpc.NewServer()
	modelgatev1.RegisterAuthorizationServiceServer(server, s)
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
}

// Stop closes the socket and all calls.
func (s *Sidecar) Stop() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		server.Stop()
	}
}

// Allow allows; watchers hear of it.
func (s *Sidecar) Allow(principal, model, action string, through ...string) {
	s.Answer(principal, model, action, &modelgatev1.CheckResponse{
		Decision: modelgatev1.Decision_DECISION_ALLOW, Revision: "r1"}, through...)
}

// Deny denies; watchers hear of it.
func (s *Sidecar) Deny(principal, model, action, reason string, through ...string) {
	s.Answer(principal, model, action, &modelgatev1.CheckResponse{
		Decision: modelgatev1.Decision_DECISION_DENY, Reason: reason}, through...)
}

// DenyUntold denies, and watchers do not hear of it.
func (s *Sidecar) DenyUntold(principal, model, action, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[key(&modelgatev1.CheckRequest{Principal: principal, Model: model, Action: action})] =
		&modelgatev1.CheckResponse{Decision: modelgatev1.Decision_DECISION_DENY, Reason: reason}
}

// Answer sets an answer and returns when all watchers were told.
func (s *Sidecar) Answer(principal, model, action string, answer *modelgatev1.CheckResponse, through ...string) {
	changed := key(&modelgatev1.CheckRequest{
		Principal: principal, Model: model, Action: action, ActingThrough: through})
	s.mu.Lock()
	s.answers[changed] = answer
	var streams []*stream
	for each := range s.streams {
		streams = append(streams, each)
	}
	s.mu.Unlock()
	for _, each := range streams {
		each.mu.Lock()
		for id, watched := range each.open {
			if watched == changed {
				_ = each.call.Send(&modelgatev1.WatchAccessResponse{
					Id: id, Result: &modelgatev1.WatchAccessResponse_Response{Response: answer}})
			}
		}
		each.mu.Unlock()
	}
}

// Fail makes that many calls fail, all if it is negative.
func (s *Sidecar) Fail(err error, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failures = err, calls
}

// Hold lets no question be answered until the function that it returns is called.
func (s *Sidecar) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold := make(chan struct{})
	s.hold = hold
	return sync.OnceFunc(func() { close(hold) })
}

// Silence stops the heartbeats.
func (s *Sidecar) Silence() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = true
}

// Garble makes results miss from batches and items.
func (s *Sidecar) Garble() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.garbled = true
}

// Seen are the questions so far, in the order in which they came.
func (s *Sidecar) Seen() []*modelgatev1.CheckRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*modelgatev1.CheckRequest(nil), s.seen...)
}

// Batches is how many batches were asked.
func (s *Sidecar) Batches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}

// Watching is how many watches are open, on how many streams.
func (s *Sidecar) Watching() (watches, streams int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watching, len(s.streams)
}

// Check answers by the table.
func (s *Sidecar) Check(ctx context.Context, request *modelgatev1.CheckRequest) (*modelgatev1.CheckResponse, error) {
	return s.decide(ctx, request)
}

// BatchCheck answers by the table.
func (s *Sidecar) BatchCheck(
	ctx context.Context, request *modelgatev1.BatchCheckRequest,
) (*modelgatev1.BatchCheckResponse, error) {
	s.mu.Lock()
	s.batches++
	garbled := s.garbled
	s.mu.Unlock()
	response := &modelgatev1.BatchCheckResponse{}
	for _, item := range request.GetItems() {
		if item.GetAction() == "fail" {
			response.Results = append(response.Results, &modelgatev1.BatchCheckResult{
				Result: &modelgatev1.BatchCheckResult_Error{Error: &modelgatev1.ItemError{
					Code: 3, Reason: modelgatev1.ErrorReason_ERROR_REASON_UNKNOWN_ACTION, Message: "no such action"}}})
			continue
		}
		answer, err := s.decide(ctx, item)
		if err != nil {
			return nil, err
		}
		response.Results = append(response.Results, &modelgatev1.BatchCheckResult{
			Result: &modelgatev1.BatchCheckResult_Response{Response: answer}})
	}
	if garbled {
		response.Results = response.Results[1:]
	}
	return response, nil
}

// WatchAccess answers by the table and tells changes.
func (s *Sidecar) WatchAccess(
	call grpc.BidiStreamingServer[modelgatev1.WatchAccessRequest, modelgatev1.WatchAccessResponse],
) error {
	mine := &stream{call: call, open: map[uint64]string{}}
	s.mu.Lock()
	s.streams[mine] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, mine)
		s.watching -= len(mine.open)
		s.mu.Unlock()
	}()
	go s.beat(mine)
	for {
		request, err := call.Recv()
		if err != nil {
			return err
		}
		if err := s.watch(mine, request); err != nil {
			return err
		}
	}
}

func (s *Sidecar) watch(mine *stream, request *modelgatev1.WatchAccessRequest) error {
	if request.GetCheck() == nil {
		mine.mu.Lock()
		defer mine.mu.Unlock()
		delete(mine.open, request.GetId())
		s.mu.Lock()
		s.watching--
		s.mu.Unlock()
		return mine.call.Send(&modelgatev1.WatchAccessResponse{
			Id: request.GetId(), Result: &modelgatev1.WatchAccessResponse_Ended{Ended: true}})
	}
	if request.GetCheck().GetAction() == "fail" {
		return mine.call.Send(&modelgatev1.WatchAccessResponse{
			Id: request.GetId(), Result: &modelgatev1.WatchAccessResponse_Error{Error: &modelgatev1.ItemError{
				Code: 3, Reason: modelgatev1.ErrorReason_ERROR_REASON_UNKNOWN_ACTION, Message: "no such action"}}})
	}
	// Registered before it is decided, under the lock that changes are told under: none is missed.
	mine.mu.Lock()
	defer mine.mu.Unlock()
	answer, err := s.decide(mine.call.Context(), request.GetCheck())
	if err != nil {
		return err
	}
	mine.open[request.GetId()] = key(request.GetCheck())
	s.mu.Lock()
	s.watching++
	s.mu.Unlock()
	return mine.call.Send(&modelgatev1.WatchAccessResponse{
		Id: request.GetId(), Result: &modelgatev1.WatchAccessResponse_Response{Response: answer}})
}

func (s *Sidecar) beat(mine *stream) {
	ticker := time.NewTicker(Heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-mine.call.Context().Done():
			return
		case <-ticker.C:
		}
		s.mu.Lock()
		silent := s.silent
		s.mu.Unlock()
		if !silent {
			mine.mu.Lock()
			_ = mine.call.Send(&modelgatev1.WatchAccessResponse{})
			mine.mu.Unlock()
		}
	}
}

func (s *Sidecar) decide(ctx context.Context, request *modelgatev1.CheckRequest) (*modelgatev1.CheckResponse, error) {
	s.mu.Lock()
	s.seen = append(s.seen, request)
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil && s.failures != 0 {
		s.failures--
		return nil, s.failure
	}
	if answer := s.answers[key(request)]; answer != nil {
		return answer, nil
	}
	return &modelgatev1.CheckResponse{Decision: modelgatev1.Decision_DECISION_DENY, Reason: "NO_GRANT"}, nil
}

func key(request *modelgatev1.CheckRequest) string {
	return strings.Join(append([]string{
		request.GetPrincipal(), request.GetModel(), request.GetAction()}, request.GetActingThrough()...), " ")
}
