package protect_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/protect"
)

const chat = "/v1/chat/completions"

// web is an HTTP server behind a guard.
func web(t *testing.T, handler http.HandlerFunc, options ...protect.Option) (*fakesidecar.Sidecar, *httptest.Server) {
	t.Helper()
	sidecar := fakesidecar.Start(t)
	server := httptest.NewServer(newGuard(t, newClient(t, sidecar), document, options...).Handler(handler))
	t.Cleanup(server.Close)
	return sidecar, server
}

func send(t *testing.T, server *httptest.Server, method, target, body string, headers ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = target // As it stands, whatever it is.
	request.Header.Set("X-User", ana)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func wantHTTP(t *testing.T, response *http.Response, code int, reason string) {
	t.Helper()
	var got struct {
		Error struct {
			Code                    int
			Status, Reason, Message string
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		t.Fatalf("%d, %v (expected: %d, %s)", response.StatusCode, err, code, reason)
	}
	if response.StatusCode != code || got.Error.Code != code || got.Error.Reason != reason || got.Error.Status == "" {
		t.Fatalf("got %d, %+v (expected: %d, %s)", response.StatusCode, got, code, reason)
	}
}

func handled(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %s", r.RequestURI, body)
}

func TestHTTP_granted_reachesTheHandlerAsItCame(t *testing.T) {
	sidecar, server := web(t, handled)
	sidecar.Allow(ana, "organizations/acme/models/a%20b/versions/3", "predict")
	sidecar.Allow(ana, "organizations/acme/models/meta-llama%2FLlama-3-8B", "predict")
	for _, test := range []struct{ target, body string }{
		{"/v2/models/a%20b/versions/3/infer?x=%2F", `{"inputs": []}`},
		{chat, `{"messages": [], "model": "meta-llama/Llama-3-8B" }`},
	} {
		response := send(t, server, http.MethodPost, test.target, test.body)
		got, _ := io.ReadAll(response.Body)
		if response.StatusCode != http.StatusOK || string(got) != test.target+" "+test.body {
			t.Fatalf("got %d %s", response.StatusCode, got)
		}
	}
}

func TestHTTP_refused_neverReachesTheHandler(t *testing.T) {
	for name, test := range map[string]struct {
		method, target, body string
		headers              []string
		code                 int
		reason               string
	}{
		"nothing granted":     {"POST", chat, `{"model": "churn"}`, nil, 403, "NO_GRANT"},
		"nobody":              {"POST", chat, `{"model": "fraud"}`, []string{"X-User", ""}, 401, "UNAUTHENTICATED"},
		"no model":            {"POST", chat, `{}`, nil, 403, "NO_MODEL"},
		"no rule":             {"POST", "/v1/files", `{"model": "fraud"}`, nil, 403, "NO_MODEL"},
		"model twice":         {"POST", chat, `{"model": "fraud", "model": "x"}`, nil, 400, "REQUEST_MALFORMED"},
		"model in both cases": {"POST", chat, `{"model": "fraud", "Model": "x"}`, nil, 400, "REQUEST_MALFORMED"},
		"model is no text":    {"POST", chat, `{"model": ["fraud"]}`, nil, 400, "REQUEST_MALFORMED"},
		"something behind":    {"POST", chat, `{"model": "fraud"} {}`, nil, 400, "REQUEST_MALFORMED"},
		"too large": {"POST", chat, `{"model": "fraud", "x": "` + strings.Repeat("x", 1024) + `"}`, nil, 400,
			"REQUEST_MALFORMED"},
		"another type": {"POST", chat, `{"model": "fraud"}`, []string{"Content-Type", "text/plain"}, 400,
			"REQUEST_MALFORMED"},
		"compressed": {"POST", chat, `{"model": "fraud"}`, []string{"Content-Encoding", "gzip"}, 400,
			"REQUEST_MALFORMED"},
		"method override": {"POST", "/v2/models/fraud/infer", `{}`, []string{"X-HTTP-Method-Override", "GET"}, 400,
			"REQUEST_MALFORMED"},
		"upgrade": {"POST", "/v2/models/fraud/infer", `{}`, []string{"Upgrade", "h2c", "Connection", "Upgrade"}, 400,
			"REQUEST_MALFORMED"},
		"encoded slash":  {"POST", "/v2/models/a%2Fb/infer", `{}`, nil, 400, "REQUEST_MALFORMED"},
		"dots":           {"POST", "/v2/models/../infer", `{}`, nil, 400, "REQUEST_MALFORMED"},
		"encoded dots":   {"POST", "/v2/models/%2e%2e/infer", `{}`, nil, 400, "REQUEST_MALFORMED"},
		"two slashes":    {"POST", "/v2//models/fraud/infer", `{}`, nil, 400, "REQUEST_MALFORMED"},
		"parameters":     {"POST", "/v2/models/fraud;x/infer", `{}`, nil, 400, "REQUEST_MALFORMED"},
		"another method": {"DELETE", "/v2/models/fraud/infer", ``, nil, 403, "NO_MODEL"},
	} {
		t.Run(name, func(t *testing.T) {
			sidecar, server := web(t, func(http.ResponseWriter, *http.Request) { t.Error("handled") },
				protect.WithBodyBytes(512))
			sidecar.Allow(ana, fraud, "predict")
			wantHTTP(t, send(t, server, test.method, test.target, test.body, test.headers...), test.code, test.reason)
		})
	}
}

func TestHTTP_nobody_isToldWhatToShow(t *testing.T) {
	_, server := web(t, handled)
	response := send(t, server, "POST", chat, `{"model": "fraud"}`, "X-User", "")
	wantHTTP(t, response, http.StatusUnauthorized, "UNAUTHENTICATED")
	if challenge := response.Header.Get("WWW-Authenticate"); challenge != `Modelgate realm="modelgate"` {
		t.Errorf("WWW-Authenticate: %s", challenge)
	}
}

func TestHTTP_openRequest_passesUnasked(t *testing.T) {
	sidecar, server := web(t, handled)
	if got := send(t, server, http.MethodGet, "/v2/health/live", "", "X-User", ""); got.StatusCode != http.StatusOK {
		t.Fatalf("got %d", got.StatusCode)
	}
	if len(sidecar.Seen()) != 0 {
		t.Fatalf("asked %v", sidecar.Seen())
	}
}

func TestHTTP_sidecarIsDown_failsClosed(t *testing.T) {
	sidecar, server := web(t, func(http.ResponseWriter, *http.Request) { t.Error("handled") })
	sidecar.Stop()
	wantHTTP(t, send(t, server, http.MethodPost, chat, `{"model": "fraud"}`), 503, "AUTHORIZATION_UNAVAILABLE")
}

func TestHTTP_rewrittenBefore_isRefused(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(ana, fraud, "predict")
	guard := newGuard(t, newClient(t, sidecar), document).Handler(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("handled") }))
	request := httptest.NewRequest(http.MethodPost, "/v2/models/fraud/infer", nil)
	request.Header.Set("X-User", ana)
	request.URL = &url.URL{Path: "/v2/models/churn/infer"}
	recorder := httptest.NewRecorder()
	guard.ServeHTTP(recorder, request)
	wantHTTP(t, recorder.Result(), 400, "REQUEST_MALFORMED")
}

func TestHTTP_absoluteTarget_isRefused(t *testing.T) {
	sidecar, server := web(t, func(http.ResponseWriter, *http.Request) { t.Error("handled") })
	sidecar.Allow(ana, fraud, "predict")
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "POST http://x/v2/models/fraud/infer HTTP/1.1\r\nHost: x\r\nX-User: %s\r\nContent-Length: 0\r\n\r\n",
		ana)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantHTTP(t, response, 400, "REQUEST_MALFORMED")
}

func TestHTTP_list_showsOnlyWhatTheCallerMayDiscover(t *testing.T) {
	sidecar, server := web(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("the list may come compressed")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object": "list", "data": [{"id": "fraud", "n": 1.50}, {"id": "churn"}, {"x": 1}, {"id": ".."}]}`)
	})
	sidecar.Allow(ana, fraud, "discover")
	response := send(t, server, http.MethodGet, "/v1/models", "", "Accept-Encoding", "gzip")
	got, _ := io.ReadAll(response.Body)
	if string(got) != `{"data":[{"id":"fraud","n":1.50}],"object":"list"}` {
		t.Fatalf("got %s", got)
	}
	sidecar.Stop()
	wantHTTP(t, send(t, server, http.MethodGet, "/v1/models", ""), 503, "AUTHORIZATION_UNAVAILABLE")
}

func TestHTTP_listThatCannotBeRead_isNotShown(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"no JSON":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "secret") },
		"another shape": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"secret": []}`) },
		"twice":         func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data": [], "data": [{"id": "secret"}]}`) },
		"compressed": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, `{"data": []}`)
		},
		"too large": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"data": [`+strings.Repeat(" ", protect.BodyBytesDefault)+`]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, server := web(t, func(w http.ResponseWriter, _ *http.Request) { answer(w) })
			wantHTTP(t, send(t, server, http.MethodGet, "/v1/models", ""), 503, "LIST_UNREADABLE")
		})
	}
	_, server := web(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", http.StatusTeapot) })
	response := send(t, server, http.MethodGet, "/v1/models", "")
	if got, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusTeapot || len(got) != 0 {
		t.Fatalf("got %d %s", response.StatusCode, got)
	}
}

// tokens streams until its request ends.
func tokens(w http.ResponseWriter, r *http.Request) {
	for {
		if _, err := io.WriteString(w, "data: token\n\n"); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
			return
		default:
		}
	}
}

func TestHTTP_accessIsRevokedMidway_isCut(t *testing.T) {
	sidecar, server := web(t, tokens)
	sidecar.Allow(ana, fraud, "predict")
	response := send(t, server, http.MethodPost, chat, `{"model": "fraud", "stream": true}`)
	if _, err := response.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	sidecar.Deny(ana, fraud, "predict", "NO_GRANT")
	if _, err := io.Copy(io.Discard, response.Body); err == nil || errors.Is(err, io.EOF) {
		t.Fatalf("ended as if it were whole: %v", err)
	}
}

func TestHTTP_handlerNeitherWritesNorListens_isCutAllTheSame(t *testing.T) {
	stubborn := make(chan struct{})
	left := make(chan error, 1)
	sidecar, server := web(t, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		<-stubborn
		_, err := io.WriteString(w, "late")
		left <- err
	})
	sidecar.Allow(ana, fraud, "predict")
	response := send(t, server, http.MethodPost, chat, `{"model": "fraud", "stream": true}`)
	sidecar.Deny(ana, fraud, "predict", "NO_GRANT")
	if got, err := io.ReadAll(response.Body); err == nil || len(got) != 0 {
		t.Fatalf("got %s, %v", got, err)
	}
	close(stubborn)
	if err := <-left; err == nil {
		t.Fatal("written after the cut")
	}
}

func TestHTTP_sidecarStopsMidway_isCut(t *testing.T) {
	sidecar, server := web(t, tokens)
	sidecar.Allow(ana, fraud, "predict")
	response := send(t, server, http.MethodPost, chat, `{"model": "fraud", "stream": true}`)
	sidecar.Stop()
	if _, err := io.Copy(io.Discard, response.Body); err == nil {
		t.Fatal("ended as if it were whole")
	}
}

func TestHTTP_largeResponseWithoutFlush_isWatched(t *testing.T) {
	written := make(chan struct{})
	revoked := make(chan struct{})
	sidecar, server := web(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 32<<10))
		close(written)
		<-revoked
		<-r.Context().Done()
	})
	sidecar.Allow(ana, fraud, "predict")
	response := send(t, server, http.MethodPost, chat, `{"model": "fraud"}`)
	<-written
	sidecar.Deny(ana, fraud, "predict", "NO_GRANT")
	close(revoked)
	if _, err := io.Copy(io.Discard, response.Body); err == nil {
		t.Fatal("ended as if it were whole")
	}
}
