package modelgate_test

import (
	"context"
	"fmt"
	"log"

	"modelgate.dev/client/go/modelgate"
)

func Example() {
	client, err := modelgate.New(modelgate.WithSocket("/nowhere/modelgate.sock"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = client.Close() }()

	answer := client.Check(context.Background(), modelgate.Question{
		Principal: "user:ana@acme.com",
		Model:     "organizations/acme/models/fraud",
		Action:    "predict",
	})
	if !answer.Allowed() {
		fmt.Println("denied:", answer.Reason) // Nobody listens there, and a failure is a denial.
	}
	// Output: denied: UNAVAILABLE
}

func ExampleClient_Watch() {
	client, err := modelgate.New(modelgate.WithSocket("/nowhere/modelgate.sock"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = client.Close() }()

	watch := client.Watch(context.Background(), modelgate.Question{
		Principal: "user:ana@acme.com", Model: "organizations/acme/models/fraud", Action: "predict"})
	defer watch.Stop()
	<-watch.Done() // As soon as access is revoked, or the sidecar cannot be heard.
	fmt.Println("over:", watch.Answer().Reason)
	// Output: over: UNAVAILABLE
}
