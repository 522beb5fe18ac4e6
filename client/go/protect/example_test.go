package protect_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"modelgate.dev/client/go/modelgate"
	"modelgate.dev/client/go/protect"

	"google.golang.org/grpc"
)

func ExampleGuard_UnaryServerInterceptor() {
	client, err := modelgate.New(modelgate.WithSocket("/run/modelgate/modelgate.sock"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	guard, err := protect.Load(client, "testdata/protect.yaml")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(guard.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(guard.StreamServerInterceptor()),
	)
	defer server.Stop()
	// Register services and serve as ever.
}

func ExampleGuard_Handler() {
	client, err := modelgate.New(modelgate.WithSocket("/nowhere/modelgate.sock"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	guard, err := protect.Load(client, "testdata/protect.yaml")
	if err != nil {
		log.Fatal(err)
	}
	handler := guard.Handler(http.NotFoundHandler()) // In place of your own.

	request := httptest.NewRequest(http.MethodPost, "/v2/models/fraud/infer", nil)
	request.Header.Set("x-user", "user:ana@acme.com")
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	fmt.Println(response.Code, response.Body) // No sidecar, no answer.
	// Output: 503 {"error":{"code":503,"status":"UNAVAILABLE","reason":"AUTHORIZATION_UNAVAILABLE","message":"authorization unavailable"}}
}
