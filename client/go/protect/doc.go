// Package protect puts a prediction server behind Modelgate: gRPC interceptors and an HTTP middleware that ask the
// sidecar before a request reaches the handler, and cut what already runs when access is revoked.
//
// What requests ask for, and who makes them, is declared in a protection document that all ways of protecting a server
// read alike:
//
//	parent: organizations/acme
//	protocols: [open-inference]
//	principal: {header: x-user}
//
// A few lines then protect a server:
//
//	guard, err := protect.Load(client, "protect.yaml")
//	...
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(guard.UnaryServerInterceptor()),
//		grpc.ChainStreamInterceptor(guard.StreamServerInterceptor()))
//
// Everything fails closed: what no rule matches is denied, but for the standard health service; so is what cannot be
// read, and what the sidecar does not answer. A refused call ends with one google.rpc.ErrorInfo of the domain
// modelgate.dev, as UNAUTHENTICATED (no proven principal), PERMISSION_DENIED (the reason is that of the decision, such
// as NO_GRANT, or NO_MODEL), INVALID_ARGUMENT (REQUEST_MALFORMED: servers could read the request in more than one way)
// or UNAVAILABLE (AUTHORIZATION_UNAVAILABLE: the sidecar did not answer). Over HTTP these are 401, 403, 400 and 503 with
// a small JSON body.
package protect
