//go:build sidecar

// Against a real sidecar: `MODELGATE_JAR=... go test -tags sidecar ./protect -run Sidecar`.
package protect_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelgate.dev/client/go/modelgate"
	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// realSidecar is a process.
type realSidecar struct {
	socket string
	admin  modelgatev1.AdminServiceClient
	token  string
	stop   func()
}

func startSidecar(t *testing.T) *realSidecar {
	t.Helper()
	jar := os.Getenv("MODELGATE_JAR")
	if jar == "" {
		t.Fatal("MODELGATE_JAR is not set")
	}
	directory, err := os.MkdirTemp("", "mg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	data := filepath.Join(directory, "data")
	command := exec.Command("java", "-Xmx192m", "-XX:TieredStopAtLevel=1", "-jar", jar, "serve", "--data", data,
		"--port", "0", "--admin-port", "0", "--http-port", "0")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &realSidecar{socket: filepath.Join(data, "modelgate.sock")}
	ended := make(chan struct{})
	s.stop = func() {
		_ = command.Process.Kill()
		<-ended
	}
	t.Cleanup(s.stop)
	address := make(chan string, 1)
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(output)
		admin := ""
		for lines.Scan() {
			if found, is := strings.CutPrefix(lines.Text(), "admin plane "); is {
				admin = found
			}
			if strings.HasPrefix(lines.Text(), "serving") {
				address <- admin
			}
		}
		_ = command.Wait()
	}()
	select {
	case admin := <-address:
		conn, err := grpc.NewClient("passthrough:///"+admin, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		s.admin = modelgatev1.NewAdminServiceClient(conn)
	case <-ended:
		t.Fatal("the sidecar has ended")
	case <-time.After(patience):
		t.Fatal("the sidecar does not serve")
	}
	token, err := os.ReadFile(filepath.Join(data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	s.token = strings.TrimSpace(string(token))
	s.seed(t)
	return s
}

func (s *realSidecar) as(t *testing.T) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+s.token)
}

func (s *realSidecar) seed(t *testing.T) {
	t.Helper()
	if _, err := s.admin.CreateOrganization(s.as(t), &modelgatev1.CreateOrganizationRequest{OrganizationId: "acme"}); err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"fraud", "churn"} {
		if _, err := s.admin.CreateResource(s.as(t), &modelgatev1.CreateResourceRequest{
			Name: "organizations/acme/models/" + model, Owner: "user:owner@acme.com"}); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *realSidecar) change(t *testing.T, model string, change *modelgatev1.GrantChange) {
	t.Helper()
	change.Principal = ana
	if _, err := s.admin.UpdateGrants(s.as(t), &modelgatev1.UpdateGrantsRequest{
		Resource: "organizations/acme/models/" + model, Changes: []*modelgatev1.GrantChange{change}}); err != nil {
		t.Fatal(err)
	}
}

func (s *realSidecar) grant(t *testing.T, model string) {
	t.Helper()
	s.change(t, model, &modelgatev1.GrantChange{
		Mode: modelgatev1.GrantChange_MODE_SET, What: &modelgatev1.GrantChange_Role{Role: "user"}})
}

func (s *realSidecar) revoke(t *testing.T, model string) {
	t.Helper()
	s.change(t, model, &modelgatev1.GrantChange{Mode: modelgatev1.GrantChange_MODE_REMOVE})
}

// behind is a prediction server behind a guard that asks the real sidecar.
func (s *realSidecar) behind(t *testing.T) *server {
	t.Helper()
	client, err := modelgate.New(modelgate.WithSocket(s.socket), modelgate.WithDeadline(patience))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	bed := &server{client: client, guard: newGuard(t, client, document), stream: generate}
	bed.conn = bed.listen(t, grpc.NewServer(
		grpc.ChainStreamInterceptor(bed.guard.StreamServerInterceptor())))
	return bed
}

func TestSidecar_checks_decide(t *testing.T) {
	sidecar := startSidecar(t)
	sidecar.grant(t, "fraud")
	client := sidecar.behind(t).client
	ask := func(model, action string) modelgate.Answer {
		return client.Check(t.Context(), modelgate.Question{
			Principal: ana, Model: "organizations/acme/models/" + model, Action: action})
	}
	if answer := ask("fraud", "predict"); !answer.Allowed() {
		t.Errorf("got %+v", answer)
	}
	if answer := ask("churn", "predict"); answer.Reason != "NO_GRANT" || answer.Err != nil {
		t.Errorf("got %+v", answer)
	}
	if answer := ask("fraud", "fly"); answer.Reason != "UNKNOWN_ACTION" || answer.Err == nil {
		t.Errorf("got %+v", answer)
	}
	answers := client.BatchCheck(t.Context(), []modelgate.Question{
		{Principal: ana, Model: fraud, Action: "predict"}, {Principal: ana, Model: fraud, Action: "fly"}})
	if !answers[0].Allowed() || answers[1].Reason != "UNKNOWN_ACTION" {
		t.Errorf("got %+v", answers)
	}
	sidecar.revoke(t, "fraud")
	if answer := ask("fraud", "predict"); answer.Allowed() {
		t.Error("allowed after the revoke was acknowledged")
	}
}

func TestSidecar_revokeMidway_cutsThatStreamAlone(t *testing.T) {
	sidecar := startSidecar(t)
	sidecar.grant(t, "fraud")
	sidecar.grant(t, "churn")
	bed := sidecar.behind(t)
	revoked, kept := bed.running(t, ana, "fraud"), bed.running(t, ana, "churn")
	sidecar.revoke(t, "fraud")
	acknowledged := time.Now()
	wantError(t, end(revoked), codes.PermissionDenied, "NO_GRANT")
	t.Logf("cut %v after the acknowledgement", time.Since(acknowledged))
	if got, err := receive(kept); err != nil || got != "churn" {
		t.Fatalf("got %s, %v", got, err)
	}
	wantError(t, end(bed.begin(t, as(t, ana), "fraud")), codes.PermissionDenied, "NO_GRANT")
}

func TestSidecar_killed_cutsAndFailsClosed(t *testing.T) {
	sidecar := startSidecar(t)
	sidecar.grant(t, "fraud")
	bed := sidecar.behind(t)
	stream := bed.running(t, ana, "fraud")
	sidecar.stop()
	wantError(t, end(stream), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
	wantError(t, end(bed.begin(t, as(t, ana), "fraud")), codes.Unavailable, "AUTHORIZATION_UNAVAILABLE")
}

func TestSidecar_http_listIsFilteredAndStreamIsCut(t *testing.T) {
	sidecar := startSidecar(t)
	sidecar.grant(t, "fraud")
	web := httptest.NewServer(sidecar.behind(t).guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"data": [{"id": "fraud"}, {"id": "churn"}]}`)
			return
		}
		tokens(w, r)
	})))
	defer web.Close()
	list, _ := io.ReadAll(send(t, web, http.MethodGet, "/v1/models", "").Body)
	if string(list) != `{"data":[{"id":"fraud"}]}` {
		t.Fatalf("got %s", list)
	}
	stream := send(t, web, http.MethodPost, chat, `{"model": "fraud", "stream": true}`)
	if _, err := stream.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	sidecar.revoke(t, "fraud")
	if _, err := io.Copy(io.Discard, stream.Body); err == nil || errors.Is(err, io.EOF) {
		t.Fatalf("ended as if it were whole: %v", err)
	}
	wantHTTP(t, send(t, web, http.MethodPost, chat, `{"model": "fraud"}`), 403, "NO_GRANT")
}
