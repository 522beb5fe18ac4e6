package protect_test

import (
	"context"
	"strings"
	"testing"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/modelgate"
	"modelgate.dev/client/go/protect"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
)

func TestUnary_granted_reachesTheHandler(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	if err := s.infer(as(t, ana), "fraud", ""); err != nil {
		t.Fatal(err)
	}
}

func TestUnary_refused_neverReachesTheHandler(t *testing.T) {
	for name, test := range map[string]struct {
		principal, model, version string
		code                      codes.Code
		reason                    string
	}{
		"nothing granted":        {ana, "churn", "", codes.PermissionDenied, "NO_GRANT"},
		"version not granted":    {ana, "fraud", "3", codes.PermissionDenied, "NO_GRANT"},
		"suspended":              {ana, "frozen", "", codes.PermissionDenied, "SUSPENDED"},
		"no model":               {ana, "", "", codes.PermissionDenied, "NO_MODEL"},
		"version with zeros":     {ana, "fraud", "03", codes.InvalidArgument, "REQUEST_MALFORMED"},
		"name of dots":           {ana, "..", "", codes.InvalidArgument, "REQUEST_MALFORMED"},
		"nobody":                 {"", "fraud", "", codes.Unauthenticated, "UNAUTHENTICATED"},
		"a group":                {"group:risk", "fraud", "", codes.Unauthenticated, "UNAUTHENTICATED"},
		"two in one header line": {ana + ",user:ben", "fraud", "", codes.Unauthenticated, "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, document)
			s.sidecar.Allow(ana, fraud, "predict")
			s.sidecar.Deny(ana, "organizations/acme/models/frozen", "predict", "SUSPENDED")
			s.unary = func(context.Context, *dynamicpb.Message) (*dynamicpb.Message, error) {
				t.Error("handled")
				return nil, nil
			}
			ctx := as(t, test.principal)
			if test.principal == "" {
				ctx = t.Context()
			}
			wantError(t, s.infer(ctx, test.model, test.version), test.code, test.reason)
		})
	}
}

func TestUnary_principalTwice_isNobody(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	ctx := metadata.AppendToOutgoingContext(as(t, ana), "x-user", ana)
	wantError(t, s.infer(ctx, "fraud", ""), codes.Unauthenticated, "UNAUTHENTICATED")
}

func TestUnary_sidecarIsDown_failsClosedAndRecovers(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	s.sidecar.Stop()
	wantError(t, s.infer(as(t, ana), "fraud", ""), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
	s.sidecar.Restart()
	await(t, "the new sidecar", func() bool { return s.infer(as(t, ana), "fraud", "") == nil })
}

func TestUnary_sidecarRefusesTheQuestion_isDenied(t *testing.T) {
	s := serve(t, strings.Replace(document, "principal:", "actions: {predict: fail}\nprincipal:", 1))
	s.sidecar.Fail(status.Error(codes.InvalidArgument, "no such action"), -1)
	wantError(t, s.infer(as(t, ana), "fraud", ""), codes.PermissionDenied, "INVALID_ARGUMENT")
}

func TestUnary_openMethod_passesUnasked(t *testing.T) {
	s := serve(t, document)
	err := s.conn.Invoke(t.Context(), "/inference.GRPCInferenceService/ServerLive", inferOf("", ""),
		dynamicpb.NewMessage(inferRequest))
	if err != nil || len(s.sidecar.Seen()) != 0 {
		t.Fatalf("got %v after %d questions", err, len(s.sidecar.Seen()))
	}
}

func TestUnary_methodWithoutRule_isDenied(t *testing.T) {
	s := serve(t, document)
	err := s.conn.Invoke(as(t, ana), "/inference.GRPCInferenceService/ServerMetadata", inferOf("fraud", ""),
		dynamicpb.NewMessage(inferRequest))
	wantError(t, err, codes.PermissionDenied, "NO_MODEL")
}

// The handler gets the object that is read: what a parser has merged is one message, and it is that which is checked.
func TestUnary_modelTwiceOnTheWire_isTheOneThatTheHandlerGets(t *testing.T) {
	s := serve(t, document)
	s.sidecar.Allow(ana, fraud, "predict")
	twice := inferOf("fraud", "")
	second, err := proto.Marshal(inferOf("churn", ""))
	if err != nil {
		t.Fatal(err)
	}
	twice.ProtoReflect().SetUnknown(second)
	wantError(t, s.conn.Invoke(as(t, ana), infer, twice, dynamicpb.NewMessage(inferRequest)),
		codes.PermissionDenied, "NO_GRANT")
}

func TestUnary_messageOfAnotherType_isDenied(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	guard := newGuard(t, newClient(t, sidecar), document)
	for name, message := range map[string]any{
		"a text":              "fraud",
		"nothing":             nil,
		"a nil message":       (*dynamicpb.Message)(nil),
		"a message without 1": dynamicpb.NewMessage(messageType(emptyMessage)),
	} {
		_, err := guard.UnaryServerInterceptor()(incoming(t, ana), message, &grpc.UnaryServerInfo{FullMethod: infer},
			func(context.Context, any) (any, error) { t.Errorf("%s: handled", name); return nil, nil })
		wantError(t, err, codes.PermissionDenied, "NO_MODEL")
	}
}

func TestUnary_rawFrames_areScanned(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(ana, fraud, "predict")
	type frame struct{ bytes []byte }
	guard := newGuard(t, newClient(t, sidecar), document, protect.WithFrames(func(message any) ([]byte, bool) {
		own, ok := message.(*frame)
		if !ok {
			return nil, false
		}
		return own.bytes, true
	}))
	plain, err := proto.Marshal(inferOf("fraud", ""))
	if err != nil {
		t.Fatal(err)
	}
	twice := append(append([]byte{}, plain...), plain...)
	handled := 0
	call := func(message any) error {
		_, err := guard.UnaryServerInterceptor()(incoming(t, ana), message, &grpc.UnaryServerInfo{FullMethod: infer},
			func(context.Context, any) (any, error) { handled++; return nil, nil })
		return err
	}
	for _, message := range []any{plain, &plain, &frame{plain}} {
		if err := call(message); err != nil {
			t.Errorf("%T: got %v", message, err)
		}
	}
	for _, message := range []any{twice, &twice, &frame{twice}} {
		wantError(t, call(message), codes.InvalidArgument, "REQUEST_MALFORMED")
	}
	if handled != 3 {
		t.Fatalf("%d handled", handled)
	}
}

func TestUnary_mappingPanics_isDenied(t *testing.T) {
	s := serve(t, document, protect.WithFrames(func(any) ([]byte, bool) { panic("broken") }))
	s.sidecar.Allow(ana, fraud, "predict")
	wantError(t, s.infer(as(t, ana), "fraud", ""), codes.PermissionDenied, "NO_MODEL")
}

func TestUnary_manyModelsInOneMessage_allMustBeAllowed(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	guard := newGuard(t, newClient(t, sidecar), `
parent: organizations/acme
principal: {header: x-user}
grpc:
  acme.Batch:
    Score: {action: predict, model: "1[].1"}
`)
	sidecar.Allow(ana, fraud, "predict")
	call := func(models ...string) error {
		var message []byte
		for _, model := range models {
			inner, err := proto.Marshal(inferOf(model, ""))
			if err != nil {
				t.Fatal(err)
			}
			message = append(append(message, 0x0a, byte(len(inner))), inner...)
		}
		_, err := guard.UnaryServerInterceptor()(incoming(t, ana), message,
			&grpc.UnaryServerInfo{FullMethod: "/acme.Batch/Score"},
			func(context.Context, any) (any, error) { return nil, nil })
		return err
	}
	wantError(t, call("fraud", "churn"), codes.PermissionDenied, "NO_GRANT")
	wantError(t, call("fraud", ""), codes.PermissionDenied, "NO_MODEL")
	sidecar.Allow(ana, "organizations/acme/models/churn", "predict")
	if err := call("fraud", "churn"); err != nil {
		t.Fatal(err)
	}
	if sidecar.Batches() != 2 {
		t.Fatalf("%d batches", sidecar.Batches())
	}
}

func TestNew_uselessDocuments_areRefused(t *testing.T) {
	client, err := modelgate.New(modelgate.WithAddress("127.0.0.1:7070"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	for name, text := range map[string]string{
		"empty":             "",
		"no principal":      "parent: organizations/acme\nprotocols: openai\n",
		"unknown key":       document + "prinzipal: {header: x-user}\n",
		"header with space": strings.Replace(document, "x-user", "\"x user\"", 1),
		"two credentials":   strings.Replace(document, "{header: x-user}", "{header: x-user, jwt: {}}", 1),
		"of the sidecar":    strings.Replace(document, "{header: x-user}", "{jwt: sidecar}", 1),
		"no trusted hop": strings.Replace(document, "{header: x-user}",
			"{forwarded-certificate: {dns: \"{id}.acme\", principal: \"app:{id}\"}}", 1),
	} {
		if _, err := protect.New(client, []byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := protect.New(client, []byte(document), protect.WithBodyBytes(0)); err == nil {
		t.Error("no body bytes: accepted")
	}
	if _, err := protect.Load(client, "/nowhere"); err == nil {
		t.Error("no file: accepted")
	}
}
