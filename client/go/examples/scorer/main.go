// A gRPC server behind Modelgate. Beside a running sidecar:
//
//	go run ./examples/scorer -protect ../examples/protect.yaml -socket ../../modelgate-data/modelgate.sock
//
// It serves acme.Scorer of client/examples/scorer.proto on -listen and prints where.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"modelgate.dev/client/go/modelgate"
	"modelgate.dev/client/go/protect"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const pause = 20 * time.Millisecond

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where to serve")
	document := flag.String("protect", "protect.yaml", "protection document")
	socket := flag.String("socket", "modelgate-data/modelgate.sock", "the sidecar's socket")
	deadline := flag.Duration("deadline", modelgate.DeadlineDefault, "how long a check may take")
	flag.Parse()

	client, err := modelgate.New(modelgate.WithSocket(*socket), modelgate.WithDeadline(*deadline))
	if err != nil {
		log.Fatal(err)
	}
	guard, err := protect.Load(client, *document)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(guard.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(guard.StreamServerInterceptor()))
	server.RegisterService(&scorer, nil)

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("serving", listener.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// scorer is what protoc would make of scorer.proto.
var scorer = grpc.ServiceDesc{
	ServiceName: "acme.Scorer",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Score", Handler: score}},
	Streams:     []grpc.StreamDesc{{StreamName: "Watch", Handler: watch, ServerStreams: true}},
}

func score(server any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
	model := new(wrapperspb.StringValue)
	if err := decode(model); err != nil {
		return nil, err
	}
	handle := func(context.Context, any) (any, error) { return wrapperspb.Double(0.5), nil }
	if intercept == nil {
		return handle(ctx, model)
	}
	return intercept(ctx, model, &grpc.UnaryServerInfo{Server: server, FullMethod: "/acme.Scorer/Score"}, handle)
}

func watch(_ any, stream grpc.ServerStream) error {
	if err := stream.RecvMsg(new(wrapperspb.StringValue)); err != nil {
		return err
	}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for count := 1.0; ; count++ {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-ticker.C:
			if err := stream.SendMsg(wrapperspb.Double(count)); err != nil {
				return err
			}
		}
	}
}
