package protect

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"

	"modelgate.dev/client/go/internal/identity"
	"modelgate.dev/client/go/internal/rules"
)

// Handler is an HTTP middleware that asks before a request reaches the next handler, filters the lists of models in its
// responses, and cuts a response that streams as soon as what it was allowed by is revoked.
//
// It goes outermost: the raw request target is matched, and a request that something before has rewritten is refused. A
// response streams from its first Flush, or 16 KiB, on; it is cut by ending the context of the request and aborting the connection,
// and the handler's further writes fail. The handler runs on a goroutine of its own, and its ResponseWriter has no
// Hijack, for no request may upgrade.
func (g *Guard) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outcome, caller, denied := g.admitHTTP(r)
		if denied != nil {
			g.log.Debug("modelgate: refused", "request", r.Method, "reason", denied.reason)
			denied.write(w, g.identity.Challenge())
			return
		}
		switch outcome.Kind {
		case rules.Open:
			next.ServeHTTP(w, r)
		case rules.Listing:
			g.filter(w, r, next, caller, outcome)
		default:
			g.serve(w, r, next, caller, outcome.Targets)
		}
	})
}

// admitHTTP tells what a request asks for, and that it is allowed.
func (g *Guard) admitHTTP(r *http.Request) (rules.Outcome, identity.Caller, *denial) {
	head := rules.HTTPRequest{Method: r.Method, Target: r.RequestURI, Header: asCame(r)}
	outcome := g.outcome(r.Method, func() rules.Outcome { return g.rules.HTTP(head) })
	if path, _, _ := strings.Cut(r.RequestURI, "?"); outcome.Kind != rules.Malformed && r.URL.EscapedPath() != path {
		// The handler would get another request than the one that is checked.
		outcome = rules.Outcome{Kind: rules.Malformed, Why: "a target that is not the one of the handler"}
	}
	if outcome.Kind == rules.Open {
		return outcome, identity.Caller{}, nil
	}
	caller, denied := g.caller(r.Context(), shownByHTTP(r), r.Method)
	if denied != nil {
		return outcome, caller, denied
	}
	if outcome.Kind == rules.NeedsBody {
		body, complete := g.body(r)
		outcome = g.outcome(r.Method, func() rules.Outcome { return g.rules.HTTPBody(head, body, complete) })
	}
	if denied := refusal(outcome); denied != nil || outcome.Kind != rules.Ask {
		return outcome, caller, denied
	}
	return outcome, caller, g.authorize(r.Context(), caller, outcome.Targets)
}

// asCame are the headers with that which net/http keeps elsewhere. It has already refused a request with two lengths.
func asCame(r *http.Request) http.Header {
	if len(r.TransferEncoding) == 0 {
		return r.Header
	}
	header := r.Header.Clone()
	header["Transfer-Encoding"] = r.TransferEncoding
	return header
}

// body reads the body within the bound, and leaves the handler the same bytes.
func (g *Guard) body(r *http.Request) (body []byte, complete bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, g.bodyBytes+1))
	if err != nil || int64(len(body)) > g.bodyBytes {
		return nil, false
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(body), r.Body}
	return body, true
}

// shownByHTTP is what a request shows of its caller.
func shownByHTTP(r *http.Request) identity.Request {
	return identity.Request{Header: r.Header.Values, Chain: verifiedChain(r.TLS), Local: isLocalHTTP(r)}
}

func isLocalHTTP(r *http.Request) bool {
	if own, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && own.Network() == "unix" {
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// serve runs the handler until it returns or what it streams is cut.
func (g *Guard) serve(
	w http.ResponseWriter, r *http.Request, next http.Handler, caller identity.Caller, targets []rules.Target,
) {
	watched := g.watch(r.Context(), caller, r.Method)
	defer watched.stop()
	response := &cutResponse{inner: w, watched: watched, targets: targets}
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		next.ServeHTTP(response, r.WithContext(watched.ctx))
	}()
	select {
	case failure := <-done:
		if failure != nil {
			panic(failure)
		}
		if watched.reason() == nil {
			return
		}
	case <-watched.cut:
	}
	response.abandon()
	panic(http.ErrAbortHandler)
}
