// Command inference is a small server in the shape of OpenAI's API behind Modelgate: only who may predict with a model gets
// an answer, the list of models shows what the caller may discover, and a stream of tokens ends as soon as access is
// revoked.
//
//	go run ./examples/inference -socket modelgate-data/modelgate.sock -protect examples/inference/protect.yaml
//	curl -H 'x-user: user:ben@acme.com' -H 'content-type: application/json' -d '{"model": "fraud", "stream": true}' \
//		127.0.0.1:8000/v1/completions
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"modelgate.dev/client/go/modelgate"
	"modelgate.dev/client/go/protect"
)

func main() {
	socket := flag.String("socket", "modelgate-data/modelgate.sock", "unix socket of the sidecar")
	document := flag.String("protect", "protect.yaml", "protection document")
	listen := flag.String("listen", "127.0.0.1:8000", "where to serve")
	deadline := flag.Duration("deadline", modelgate.DeadlineDefault, "how long a check may take")
	flag.Parse()
	if err := serve(*socket, *document, *listen, *deadline); err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func serve(socket, document, listen string, deadline time.Duration) error {
	client, err := modelgate.New(modelgate.WithSocket(socket), modelgate.WithDeadline(deadline))
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	guard, err := protect.Load(client, document)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: guard.Handler(models()), ReadHeaderTimeout: 10 * time.Second}
	log.Printf("serving on %s", listen)
	return server.ListenAndServe()
}

// models is the server itself, which knows nothing of access.
func models() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"object": "list", "data": [{"id": "fraud"}, {"id": "churn"}]}`)
	})
	mux.HandleFunc("POST /v1/completions", complete)
	return mux
}

// complete counts to a hundred, one token every 100 ms.
func complete(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Model string `json:"model"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for token := range 100 {
		if _, err := fmt.Fprintf(w, "data: {\"model\": %q, \"text\": \"%d\"}\n\n", request.Model, token); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}
