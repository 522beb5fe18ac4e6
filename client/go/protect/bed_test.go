package protect_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/modelgate"
	"modelgate.dev/client/go/protect"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const (
	// patience bounds every wait of a test; nothing is measured by it.
	patience = 60 * time.Second

	infer       = "/inference.GRPCInferenceService/ModelInfer"
	inferStream = "/inference.GRPCInferenceService/ModelStreamInfer"

	document = `
parent: organizations/acme
protocols: [open-inference, openai, kserve-v1]
principal: {header: x-user}
http:
  - {request: "GET /v1/models", action: discover, list: "data[].id"}
`
	ana   = "user:ana@acme.com"
	fraud = "organizations/acme/models/fraud"
)

// inferRequest is the part of inference.ModelInferRequest that the tests need.
var inferRequest = messageType(&descriptorpb.DescriptorProto{
	Name: proto.String("ModelInferRequest"),
	Field: []*descriptorpb.FieldDescriptorProto{
		textField("model_name", 1), textField("model_version", 2), textField("id", 3),
	},
})

func textField(name string, number int32) *descriptorpb.FieldDescriptorProto {
	return &descriptorpb.FieldDescriptorProto{
		Name:     proto.String(name),
		Number:   proto.Int32(number),
		Label:    descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		Type:     descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
		JsonName: proto.String(name),
	}
}

func messageType(message *descriptorpb.DescriptorProto) protoreflect.MessageDescriptor {
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:        proto.String(message.GetName() + ".proto"),
		Package:     proto.String("inference"),
		Syntax:      proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{message},
	}, nil)
	if err != nil {
		panic(err)
	}
	return file.Messages().Get(0)
}

// inferOf is a request for a model and, unless it is empty, a version of it.
func inferOf(model, version string) *dynamicpb.Message {
	message := dynamicpb.NewMessage(inferRequest)
	for number, text := range map[protoreflect.FieldNumber]string{1: model, 2: version} {
		if text != "" {
			message.Set(inferRequest.Fields().ByNumber(number), protoreflect.ValueOfString(text))
		}
	}
	return message
}

func modelOf(message proto.Message) string {
	return message.ProtoReflect().Get(inferRequest.Fields().ByNumber(1)).String()
}

// server is a prediction server behind a guard.
type server struct {
	sidecar *fakesidecar.Sidecar
	client  *modelgate.Client
	guard   *protect.Guard
	conn    *grpc.ClientConn
	// unary and stream handle what the guard lets through; the first answers its request.
	unary  func(context.Context, *dynamicpb.Message) (*dynamicpb.Message, error)
	stream func(grpc.ServerStream) error
}

// serve starts one.
func serve(t *testing.T, document string, options ...protect.Option) *server {
	t.Helper()
	s := &server{sidecar: fakesidecar.Start(t)}
	s.unary = func(_ context.Context, request *dynamicpb.Message) (*dynamicpb.Message, error) { return request, nil }
	s.stream = echo
	s.client = newClient(t, s.sidecar)
	s.guard = newGuard(t, s.client, document, options...)
	s.conn = s.listen(t, grpc.NewServer(
		grpc.ChainUnaryInterceptor(s.guard.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(s.guard.StreamServerInterceptor())))
	return s
}

func newClient(t *testing.T, sidecar *fakesidecar.Sidecar, options ...modelgate.Option) *modelgate.Client {
	t.Helper()
	client, err := modelgate.New(append([]modelgate.Option{
		modelgate.WithSocket(sidecar.Socket), modelgate.WithDeadline(patience)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func newGuard(t *testing.T, client *modelgate.Client, document string, options ...protect.Option) *protect.Guard {
	t.Helper()
	guard, err := protect.New(client, []byte(document), options...)
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

func (s *server) listen(t *testing.T, server *grpc.Server, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	description := grpc.ServiceDesc{
		ServiceName: "inference.GRPCInferenceService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "ModelInfer", Handler: s.handleUnary(infer)},
			{MethodName: "ServerLive", Handler: s.handleUnary("/inference.GRPCInferenceService/ServerLive")},
			{MethodName: "ServerMetadata", Handler: s.handleUnary("/inference.GRPCInferenceService/ServerMetadata")},
		},
		Streams: []grpc.StreamDesc{{
			StreamName:    "ModelStreamInfer",
			Handler:       func(_ any, stream grpc.ServerStream) error { return s.stream(stream) },
			ServerStreams: true,
			ClientStreams: true,
		}},
	}
	server.RegisterService(&description, s)
	listener := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///bed", append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (s *server) handleUnary(full string) grpc.MethodHandler {
	return func(server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		request := dynamicpb.NewMessage(inferRequest)
		if err := decode(request); err != nil {
			return nil, err
		}
		handler := func(ctx context.Context, request any) (any, error) {
			return s.unary(ctx, request.(*dynamicpb.Message))
		}
		if interceptor == nil {
			return handler(ctx, request)
		}
		return interceptor(ctx, request, &grpc.UnaryServerInfo{Server: server, FullMethod: full}, handler)
	}
}

// echo answers each message.
func echo(stream grpc.ServerStream) error {
	for {
		message := dynamicpb.NewMessage(inferRequest)
		if err := stream.RecvMsg(message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
}

// as is a call of that principal.
func as(t *testing.T, principal string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "x-user", principal)
}

func (s *server) infer(ctx context.Context, model, version string) error {
	return s.conn.Invoke(ctx, infer, inferOf(model, version), dynamicpb.NewMessage(inferRequest))
}

func (s *server) open(t *testing.T, ctx context.Context) grpc.ClientStream {
	t.Helper()
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, inferStream)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// receive is the next message of a stream, as the model that it names.
func receive(stream grpc.ClientStream) (string, error) {
	message := dynamicpb.NewMessage(inferRequest)
	err := stream.RecvMsg(message)
	return modelOf(message), err
}

// wantError is for a status with exactly one ErrorInfo.
func wantError(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	got := status.Convert(err)
	if got.Code() != code || len(got.Details()) != 1 {
		t.Fatalf("got %v, %v (expected: %v, %s)", err, got.Details(), code, reason)
	}
	info, ok := got.Details()[0].(*errdetails.ErrorInfo)
	if !ok || info.GetDomain() != "modelgate.dev" || info.GetReason() != reason {
		t.Fatalf("got %v (expected: %s)", got.Details(), reason)
	}
}

// rawCodec hands messages through as their bytes.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) {
	if parsed, ok := message.(proto.Message); ok {
		return proto.Marshal(parsed)
	}
	return *message.(*[]byte), nil
}

func (rawCodec) Unmarshal(bytes []byte, message any) error {
	if parsed, ok := message.(proto.Message); ok {
		return proto.Unmarshal(bytes, parsed)
	}
	*message.(*[]byte) = append([]byte(nil), bytes...)
	return nil
}

var _ encoding.Codec = rawCodec{}
