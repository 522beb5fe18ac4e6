package protect

import (
	"bytes"
	"net/http"
	"strconv"

	"modelgate.dev/client/go/internal/identity"
	"modelgate.dev/client/go/internal/rules"

	"google.golang.org/grpc/codes"
)

// listed is a response that is held back until it was filtered.
type listed struct {
	header http.Header
	code   int
	body   bytes.Buffer
	max    int64
	tooBig bool
}

func (l *listed) Header() http.Header { return l.header }

func (l *listed) WriteHeader(code int) {
	if l.code == 0 && code >= http.StatusOK {
		l.code = code
	}
}

func (l *listed) Write(text []byte) (int, error) {
	l.WriteHeader(http.StatusOK)
	if int64(l.body.Len()+len(text)) > l.max {
		l.tooBig = true
		return 0, http.ErrContentLength
	}
	return l.body.Write(text)
}

// filter passes a request on and shows of the list in its response only what the caller may do the action on. A list
// that cannot be read is not shown, nor is the body of any other status.
func (g *Guard) filter(
	w http.ResponseWriter, r *http.Request, next http.Handler, caller identity.Caller, outcome rules.Outcome,
) {
	plain := r.Clone(r.Context())
	for _, name := range []string{"Accept-Encoding", "Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		plain.Header.Del(name)
	}
	response := &listed{header: http.Header{}, max: g.bodyBytes}
	next.ServeHTTP(response, plain)
	if response.code != http.StatusOK && response.code != 0 {
		w.WriteHeader(response.code)
		return
	}
	var names []string
	var err error
	readable := !response.tooBig && response.header.Get("Content-Encoding") == ""
	if readable {
		names, err = outcome.List.Read(response.body.Bytes())
	}
	if !readable || err != nil {
		g.log.Error("modelgate: a list of models cannot be filtered and is not shown", "request", r.RequestURI, "cause", err)
		(&denial{codes.Unavailable, "LIST_UNREADABLE", "the list cannot be filtered"}).write(w, "")
		return
	}
	allowed, denied := g.allowedNames(r, caller, names, outcome.Action)
	if denied != nil {
		denied.write(w, g.identity.Challenge())
		return
	}
	body, err := outcome.List.Filter(response.body.Bytes(), func(name string) bool { return allowed[name] })
	if err != nil {
		(&denial{codes.Unavailable, "LIST_UNREADABLE", "the list cannot be filtered"}).write(w, "")
		return
	}
	for _, name := range []string{"Content-Type", "Cache-Control", "Vary"} {
		if values := response.header.Values(name); len(values) > 0 {
			w.Header()[name] = values
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// allowedNames asks for all names; a name that can be none is not allowed. It fails when the sidecar does not answer, for
// a list that is too short would say that there are no models.
func (g *Guard) allowedNames(
	r *http.Request, caller identity.Caller, names []string, action string,
) (map[string]bool, *denial) {
	var asked []string
	var targets []rules.Target
	seen := map[string]bool{}
	for _, name := range names {
		if resource, ok := g.rules.Resource(name); ok && !seen[name] {
			seen[name] = true
			asked = append(asked, name)
			targets = append(targets, rules.Target{Resource: resource, Action: action})
		}
	}
	allowed := map[string]bool{}
	for i, answer := range g.answers(r.Context(), caller, targets) {
		if denied := g.denialOf(answer); denied != nil && denied.code == codes.Unavailable {
			return nil, denied
		}
		allowed[asked[i]] = answer.Allowed()
	}
	return allowed, nil
}
