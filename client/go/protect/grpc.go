package protect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"

	"modelgate.dev/client/go/internal/identity"
	"modelgate.dev/client/go/internal/rules"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
)

// UnaryServerInterceptor asks before the handler of a unary call runs. It must see the message that the handler gets: put
// it behind interceptors that change messages.
func (g *Guard) UnaryServerInterceptor() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		method, caller, denied := g.begin(ctx, info.FullMethod)
		if denied == nil && !method.Open() {
			outcome := g.outcome(info.FullMethod, func() rules.Outcome { return g.read(method, request) })
			if denied = refusal(outcome); denied == nil {
				denied = g.authorize(ctx, caller, outcome.Targets)
			}
		}
		if denied != nil {
			g.log.Debug("modelgate: refused", "request", info.FullMethod, "reason", denied.reason)
			return nil, denied.err()
		}
		return handler(ctx, request)
	}
}

// begin finds the rule of a method and, unless it is open, who calls.
func (g *Guard) begin(ctx context.Context, fullMethod string) (*rules.Method, identity.Caller, *denial) {
	method := g.rules.Method(fullMethod)
	if method != nil && method.Open() {
		return method, identity.Caller{}, nil
	}
	caller, denied := g.caller(ctx, shownBy(ctx), fullMethod)
	if denied == nil && method == nil {
		denied = unmapped()
	}
	return method, caller, denied
}

// read is what a message asks for: by its fields where the handler gets the same object, by its bytes where it gets
// those.
func (g *Guard) read(method *rules.Method, message any) rules.Outcome {
	if g.frames != nil {
		if frame, ok := g.frames(message); ok {
			return method.Scan(frame)
		}
	}
	switch message := message.(type) {
	case proto.Message:
		if parsed := message.ProtoReflect(); parsed.IsValid() {
			return method.Read(parsed)
		}
	case protoadapt.MessageV1:
		if parsed := protoadapt.MessageV2Of(message).ProtoReflect(); parsed.IsValid() {
			return method.Read(parsed)
		}
	case []byte:
		return method.Scan(message)
	case *[]byte:
		return method.Scan(*message)
	case mem.BufferSlice:
		return method.Scan(message.Materialize())
	case *mem.BufferSlice:
		return method.Scan(message.Materialize())
	}
	return rules.Outcome{}
}

// shownBy is what a call shows of its caller.
func shownBy(ctx context.Context) identity.Request {
	headers, _ := metadata.FromIncomingContext(ctx)
	request := identity.Request{Header: headers.Get}
	if from, ok := peer.FromContext(ctx); ok {
		request.Local = isLocal(from.Addr)
		if info, ok := from.AuthInfo.(credentials.TLSInfo); ok {
			request.Chain = verifiedChain(&info.State)
		}
	}
	return request
}

// verifiedChain is that of a client certificate that TLS has verified.
func verifiedChain(state *tls.ConnectionState) []*x509.Certificate {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	return state.VerifiedChains[0]
}

// isLocal tells whether an address is of loopback or a unix socket.
func isLocal(address net.Addr) bool {
	switch address := address.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return address.IP.IsLoopback()
	default:
		return false
	}
}
