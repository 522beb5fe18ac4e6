package protect_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"modelgate.dev/client/go/protect"

	"google.golang.org/grpc/codes"
)

// lines is a log that tests can read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestLog_sidecarIsDown_saysWhy(t *testing.T) {
	log := &lines{}
	s := serve(t, document, protect.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	s.sidecar.Stop()
	for range 3 {
		wantError(t, s.infer(as(t, ana), "fraud", ""), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
	}
	if got := log.String(); !strings.Contains(got, "does not answer") || !strings.Contains(got, "Unavailable") {
		t.Fatalf("got %s", got)
	}
}
