package protect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/modelgate"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/dynamicpb"
)

// generate answers the first message with tokens until its context ends.
func generate(stream grpc.ServerStream) error {
	return generateEvery(5*time.Millisecond, stream)
}

func generateEvery(interval time.Duration, stream grpc.ServerStream) error {
	message := dynamicpb.NewMessage(inferRequest)
	if err := stream.RecvMsg(message); err != nil {
		return err
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := stream.SendMsg(message); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// end is how a stream ends.
func end(stream grpc.ClientStream) error {
	for {
		if _, err := receive(stream); err != nil {
			return err
		}
	}
}

// begin opens a stream with one message.
func (s *server) begin(t *testing.T, ctx context.Context, model string) grpc.ClientStream {
	t.Helper()
	stream := s.open(t, ctx)
	// io.EOF says that the call has ended by now; why, its end tells.
	if err := stream.SendMsg(inferOf(model, "")); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return stream
}

// running is a stream that has been answered.
func (s *server) running(t *testing.T, principal, model string) grpc.ClientStream {
	t.Helper()
	stream := s.begin(t, as(t, principal), model)
	if got, err := receive(stream); err != nil || got != model {
		t.Fatalf("got %s, %v", got, err)
	}
	return stream
}

func TestStream_granted_passesEveryMessage(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	stream := s.running(t, ana, "fraud")
	if err := stream.SendMsg(inferOf("fraud", "")); err != nil {
		t.Fatal(err)
	}
	if got, err := receive(stream); err != nil || got != "fraud" {
		t.Fatalf("got %s, %v", got, err)
	}
	_ = stream.CloseSend()
	if err := end(stream); !errors.Is(err, io.EOF) {
		t.Fatalf("got %v", err)
	}
	await(t, "the end of the watch", func() bool { watches, _ := s.sidecar.Watching(); return watches == 0 })
}

func TestStream_firstMessageIsDenied_handlerGetsNothing(t *testing.T) {
	for name, test := range map[string]struct {
		model, version string
		code           codes.Code
		reason         string
	}{
		"nothing granted":    {"churn", "", codes.PermissionDenied, "NO_GRANT"},
		"no model":           {"", "", codes.PermissionDenied, "NO_MODEL"},
		"version with zeros": {"fraud", "03", codes.InvalidArgument, "REQUEST_MALFORMED"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, document)
			s.stream = func(stream grpc.ServerStream) error {
				message := dynamicpb.NewMessage(inferRequest)
				if err := stream.RecvMsg(message); err == nil {
					t.Error("received")
				}
				if modelOf(message) != "" {
					t.Errorf("the message says %s", modelOf(message))
				}
				if err := stream.SendMsg(inferOf("secret", "")); err == nil {
					t.Error("sent")
				}
				return nil // A handler that does not care.
			}
			stream := s.open(t, as(t, ana))
			if err := stream.SendMsg(inferOf(test.model, test.version)); err != nil {
				t.Fatal(err)
			}
			_, err := receive(stream)
			wantError(t, err, test.code, test.reason)
		})
	}
}

func TestStream_nobody_isRefusedBeforeTheHandler(t *testing.T) {
	s := serve(t, document)
	s.stream = func(grpc.ServerStream) error { t.Error("handled"); return nil }
	wantError(t, end(s.begin(t, t.Context(), "fraud")), codes.Unauthenticated, "UNAUTHENTICATED")
}

func TestStream_laterMessageForAnotherModel_isCheckedBeforeItPasses(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	for _, model := range []string{"churn", ""} {
		var got []string
		handled := make(chan struct{})
		s.stream = func(stream grpc.ServerStream) error {
			defer close(handled)
			for {
				message := dynamicpb.NewMessage(inferRequest)
				if err := stream.RecvMsg(message); err != nil {
					return err
				}
				got = append(got, modelOf(message))
				if err := stream.SendMsg(message); err != nil {
					return err
				}
			}
		}
		stream := s.running(t, ana, "fraud")
		if err := stream.SendMsg(inferOf(model, "")); err != nil {
			t.Fatal(err)
		}
		reason := map[string]string{"churn": "NO_GRANT", "": "NO_MODEL"}[model]
		wantError(t, end(stream), codes.PermissionDenied, reason)
		<-handled
		if len(got) != 1 {
			t.Fatalf("the handler got %v", got)
		}
	}
}

// A check is asked for each message, for what a watch is told may come a moment later.
func TestStream_laterMessageAfterARevokeThatTheWatchHasNotHeard_isRefused(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	stream := s.running(t, ana, "fraud")
	s.sidecar.DenyUntold(ana, fraud, "predict", "NO_GRANT")
	if err := stream.SendMsg(inferOf("fraud", "")); err != nil {
		t.Fatal(err)
	}
	wantError(t, end(stream), codes.PermissionDenied, "NO_GRANT")
}

func TestStream_accessIsRevoked_isCutWithTheReason(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.stream = generate
	stream := s.running(t, ana, "fraud")
	s.sidecar.Deny(ana, fraud, "predict", "SUSPENDED")
	revoked := time.Now()
	wantError(t, end(stream), codes.PermissionDenied, "SUSPENDED")
	t.Logf("cut after %v", time.Since(revoked))
}

func TestStream_handlerNeitherSendsNorListens_isCutAllTheSame(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	stubborn := make(chan struct{})
	defer close(stubborn)
	s.stream = func(stream grpc.ServerStream) error {
		message := dynamicpb.NewMessage(inferRequest)
		if err := stream.RecvMsg(message); err != nil {
			return err
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
		<-stubborn
		return nil
	}
	stream := s.running(t, ana, "fraud")
	s.sidecar.Deny(ana, fraud, "predict", "NO_GRANT")
	wantError(t, end(stream), codes.PermissionDenied, "NO_GRANT")
}

func TestStream_manyOpen_onlyTheRevokedAreCut(t *testing.T) {
	s := serve(t, document)
	s.stream = func(stream grpc.ServerStream) error { return generateEvery(time.Second, stream) }
	// A machine that is busy with all this may be silent for a while.
	s.guard = newGuard(t, newClient(t, s.sidecar, modelgate.WithWatchSilence(patience)), document)
	s.conn = s.listen(t, grpc.NewServer(grpc.ChainStreamInterceptor(s.guard.StreamServerInterceptor())))
	const each = 200
	start := func(model string) []grpc.ClientStream {
		var streams []grpc.ClientStream
		for i := range each {
			user := fmt.Sprintf("user:u%d", i)
			s.sidecar.Allow(user, "organizations/acme/models/"+model, "predict")
			streams = append(streams, s.running(t, user, model))
		}
		return streams
	}
	kept, revoked := start("churn"), start("fraud")
	var all sync.WaitGroup
	ends := make([]error, each)
	for i, stream := range revoked {
		all.Go(func() { ends[i] = end(stream) })
	}
	began := time.Now()
	for i := range each {
		s.sidecar.Deny(fmt.Sprintf("user:u%d", i), fraud, "predict", "NO_GRANT")
	}
	all.Wait()
	t.Logf("%d streams revoked and cut in %v", each, time.Since(began))
	for _, err := range ends {
		wantError(t, err, codes.PermissionDenied, "NO_GRANT")
	}
	for _, stream := range kept {
		if got, err := receive(stream); err != nil || got != "churn" {
			t.Fatalf("got %s, %v", got, err)
		}
	}
}

func TestStream_sidecarStops_isCutAsUnavailable(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.stream = generate
	stream := s.running(t, ana, "fraud")
	s.sidecar.Stop()
	wantError(t, end(stream), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
	s.sidecar.Restart()
	await(t, "a stream by the new sidecar", func() bool {
		_, err := receive(s.begin(t, as(t, ana), "fraud"))
		return err == nil
	})
}

func TestStream_sidecarFallsSilent_isCutAsUnavailable(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.stream = generate
	s.guard = newGuard(t, newClient(t, s.sidecar, modelgate.WithWatchSilence(10*fakesidecar.Heartbeat)), document)
	s.conn = s.listen(t, grpc.NewServer(grpc.ChainStreamInterceptor(s.guard.StreamServerInterceptor())))
	stream := s.running(t, ana, "fraud")
	s.sidecar.Silence()
	wantError(t, end(stream), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
}

func TestStream_noMessageAtAll_isDenied(t *testing.T) {
	s := serve(t, document)
	s.stream = func(stream grpc.ServerStream) error {
		if err := stream.RecvMsg(dynamicpb.NewMessage(inferRequest)); errors.Is(err, io.EOF) {
			t.Error("to the handler it is a call like any other")
		}
		return nil
	}
	stream := s.open(t, as(t, ana))
	_ = stream.CloseSend()
	wantError(t, end(stream), codes.PermissionDenied, "NO_MODEL")
}

func TestStream_handlerEndsBeforeAnythingWasAllowed_isDenied(t *testing.T) {
	s := serve(t, document)
	s.stream = func(grpc.ServerStream) error { return nil }
	wantError(t, end(s.begin(t, as(t, ana), "fraud")), codes.PermissionDenied, "NO_MODEL")
}

func TestStream_handlerSendsFirst_waitsForTheFirstMessage(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	release := s.sidecar.Hold()
	greeted := make(chan error, 1)
	s.stream = func(stream grpc.ServerStream) error {
		go func() { greeted <- stream.SendMsg(inferOf("greeting", "")) }()
		message := dynamicpb.NewMessage(inferRequest)
		if err := stream.RecvMsg(message); err != nil {
			return err
		}
		return <-greeted
	}
	stream := s.begin(t, as(t, ana), "fraud")
	await(t, "the question", func() bool { return len(s.sidecar.Seen()) == 1 })
	select {
	case err := <-greeted:
		t.Fatalf("sent before anything was allowed: %v", err)
	default:
	}
	release()
	if got, err := receive(stream); err != nil || got != "greeting" {
		t.Fatalf("got %s, %v", got, err)
	}
}

func TestStream_handlerPanics_reachesTheInterceptorsAround(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.stream = func(stream grpc.ServerStream) error {
		if err := stream.RecvMsg(dynamicpb.NewMessage(inferRequest)); err != nil {
			return err
		}
		panic("broken")
	}
	recovered := func(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		defer func() {
			if recover() != nil {
				err = status.Error(codes.Internal, "recovered")
			}
		}()
		return next(server, stream)
	}
	s.conn = s.listen(t, grpc.NewServer(grpc.ChainStreamInterceptor(recovered, s.guard.StreamServerInterceptor())))
	if err := end(s.begin(t, as(t, ana), "fraud")); status.Code(err) != codes.Internal {
		t.Fatalf("got %v", err)
	}
}

func TestStream_rawFrames_areScanned(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.stream = func(stream grpc.ServerStream) error {
		for {
			var frame []byte
			if err := stream.RecvMsg(&frame); err != nil {
				return err
			}
			if err := stream.SendMsg(&frame); err != nil {
				return err
			}
		}
	}
	s.conn = s.listen(t, grpc.NewServer(grpc.ForceServerCodec(rawCodec{}),
		grpc.ChainStreamInterceptor(s.guard.StreamServerInterceptor())))
	stream := s.running(t, ana, "fraud")
	twice := inferOf("fraud", "")
	twice.SetUnknown([]byte{0x0a, 1, 'x'})
	if err := stream.SendMsg(twice); err != nil {
		t.Fatal(err)
	}
	wantError(t, end(stream), codes.InvalidArgument, "REQUEST_MALFORMED")
}
