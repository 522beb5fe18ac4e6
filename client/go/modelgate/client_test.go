package modelgate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/modelgate"
	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// patience bounds every wait of a test; nothing is measured by it.
const patience = 10 * time.Second

var question = modelgate.Question{Principal: "user:ana@acme.com", Model: "fraud", Action: "predict"}

func newClient(t *testing.T, sidecar *fakesidecar.Sidecar, options ...modelgate.Option) *modelgate.Client {
	t.Helper()
	client, err := modelgate.New(append([]modelgate.Option{
		modelgate.WithSocket(sidecar.Socket), modelgate.WithDeadline(patience)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestCheck_grantIsThere_allows(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	if answer := newClient(t, sidecar).Check(t.Context(), question); !answer.Allowed() || answer.Revision != "r1" {
		t.Fatalf("got %+v", answer)
	}
}

func TestCheck_decisions_onlyAllowAllows(t *testing.T) {
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		answer  *modelgatev1.CheckResponse
		outcome modelgate.Outcome
		reason  string
		failed  bool
	}{
		"deny": {&modelgatev1.CheckResponse{Decision: modelgatev1.Decision_DECISION_DENY, Reason: "SUSPENDED",
			ValidUntil: timestamppb.New(until)}, modelgate.Denied, "SUSPENDED", false},
		"conditional": {&modelgatev1.CheckResponse{Decision: modelgatev1.Decision_DECISION_CONDITIONAL,
			MissingAttributes: []string{"country"}}, modelgate.Conditional, "", false},
		"unspecified": {&modelgatev1.CheckResponse{}, modelgate.Denied, "UNKNOWN_DECISION", true},
		"of a newer sidecar": {&modelgatev1.CheckResponse{Decision: 9}, modelgate.Denied,
			"UNKNOWN_DECISION", true},
	} {
		t.Run(name, func(t *testing.T) {
			sidecar := fakesidecar.Start(t)
			sidecar.Answer(question.Principal, question.Model, question.Action, test.answer)
			answer := newClient(t, sidecar).Check(t.Context(), question)
			if answer.Allowed() || answer.Outcome != test.outcome || answer.Reason != test.reason ||
				(answer.Err != nil) != test.failed {
				t.Fatalf("got %+v", answer)
			}
			if name == "deny" && !answer.ValidUntil.Equal(until) {
				t.Fatalf("valid until %v", answer.ValidUntil)
			}
		})
	}
}

func TestAnswer_zeroValue_denies(t *testing.T) {
	if (modelgate.Answer{}).Allowed() {
		t.Fatal("allowed")
	}
}

func TestCheck_everyFieldOfTheQuestion_isAsked(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	asked := question
	asked.ActingThrough = []string{"serviceAccount:portal", "app:claims"}
	asked.Context = map[string]any{"country": "DE", "depth": 2.0}
	asked.LinkSecret = "s"
	newClient(t, sidecar).Check(t.Context(), asked)
	seen := sidecar.Seen()[0]
	if len(seen.GetActingThrough()) != 2 || seen.GetLinkSecret() != "s" ||
		seen.GetContext().GetFields()["country"].GetStringValue() != "DE" {
		t.Fatalf("got %v", seen)
	}
	if strings.Contains(asked.String(), "\"s\"") {
		t.Fatalf("the secret is in %s", asked)
	}
}

func TestCheck_mistakeInTheQuestion_deniesUnasked(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	client := newClient(t, sidecar)
	for name, asked := range map[string]modelgate.Question{
		"no principal":  {Model: "m", Action: "a"},
		"no model":      {Principal: "p", Action: "a"},
		"no action":     {Principal: "p", Model: "m"},
		"invalid UTF-8": {Principal: "p", Model: "m\xff", Action: "a"},
		"bad attribute": {Principal: "p", Model: "m", Action: "a", Context: map[string]any{"x": make(chan int)}},
	} {
		answer := client.Check(t.Context(), asked)
		if answer.Allowed() || answer.Reason != "INVALID_FIELD" || status.Code(answer.Err) != codes.InvalidArgument {
			t.Errorf("%s: got %+v", name, answer)
		}
		if watch := client.Watch(t.Context(), asked); watch.Answer().Reason != "INVALID_FIELD" {
			t.Errorf("%s: got %+v", name, watch.Answer())
		}
		if answers := client.BatchCheck(t.Context(), []modelgate.Question{asked}); answers[0].Reason != "INVALID_FIELD" {
			t.Errorf("%s: got %+v", name, answers[0])
		}
	}
	if len(sidecar.Seen()) != 0 {
		t.Fatalf("asked %v", sidecar.Seen())
	}
}

func TestCheck_nobodyListens_deniesWithTheCause(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	client := newClient(t, sidecar)
	sidecar.Stop()
	answer := client.Check(t.Context(), question)
	if answer.Allowed() || answer.Reason != "UNAVAILABLE" || status.Code(answer.Err) != codes.Unavailable {
		t.Fatalf("got %+v", answer)
	}
}

func TestCheck_deadlinePasses_denies(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	defer sidecar.Hold()()
	answer := newClient(t, sidecar, modelgate.WithDeadline(time.Millisecond)).Check(t.Context(), question)
	if answer.Allowed() || answer.Reason != "DEADLINE_EXCEEDED" {
		t.Fatalf("got %+v", answer)
	}
}

func TestCheck_contextEnds_denies(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := newClient(t, sidecar)
	if answer := client.Check(ctx, question); answer.Allowed() || answer.Reason != "CANCELED" {
		t.Fatalf("got %+v", answer)
	}
	if watch := client.Watch(ctx, question); watch.Answer().Allowed() || watch.Answer().Reason != "CANCELED" {
		t.Fatalf("got %+v", watch.Answer())
	}
}

func TestCheck_failureThatMayBeRepeated_isRepeatedOnce(t *testing.T) {
	busy := func(code codes.Code, after time.Duration) error {
		detailed, err := status.New(code, "busy").WithDetails(
			&errdetails.ErrorInfo{Domain: modelgate.Domain, Reason: "OVERLOADED"},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
		if err != nil {
			t.Fatal(err)
		}
		return detailed.Err()
	}
	for name, test := range map[string]struct {
		failure  error
		failures int
		asked    int
		allowed  bool
		reason   string
	}{
		"unavailable once":       {status.Error(codes.Unavailable, ""), 1, 2, true, ""},
		"unavailable twice":      {status.Error(codes.Unavailable, ""), 2, 2, false, "UNAVAILABLE"},
		"busy, wait given":       {busy(codes.ResourceExhausted, time.Millisecond), 1, 2, true, ""},
		"busy, wait too long":    {busy(codes.ResourceExhausted, time.Hour), 1, 1, false, "OVERLOADED"},
		"busy, no wait given":    {status.Error(codes.ResourceExhausted, ""), 1, 1, false, "RESOURCE_EXHAUSTED"},
		"internal":               {status.Error(codes.Internal, ""), 1, 1, false, "INTERNAL"},
		"unavailable, must wait": {busy(codes.Unavailable, time.Hour), 1, 1, false, "OVERLOADED"},
	} {
		t.Run(name, func(t *testing.T) {
			sidecar := fakesidecar.Start(t)
			sidecar.Allow(question.Principal, question.Model, question.Action)
			sidecar.Fail(test.failure, test.failures)
			answer := newClient(t, sidecar).Check(t.Context(), question)
			if answer.Allowed() != test.allowed || answer.Reason != test.reason || len(sidecar.Seen()) != test.asked {
				t.Fatalf("got %+v after %d questions", answer, len(sidecar.Seen()))
			}
		})
	}
}

func TestCheck_sidecarComesBack_allowsAgain(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar)
	if !client.Check(t.Context(), question).Allowed() {
		t.Fatal("denied")
	}
	sidecar.Stop()
	if client.Check(t.Context(), question).Allowed() {
		t.Fatal("allowed by nobody")
	}
	sidecar.Restart()
	await(t, "an answer of the new sidecar", func() bool { return client.Check(t.Context(), question).Allowed() })
}

func TestBatchCheck_questions_areAnsweredInOrder(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, "b", "predict")
	answers := newClient(t, sidecar).BatchCheck(t.Context(), []modelgate.Question{
		{Principal: question.Principal, Model: "a", Action: "predict"},
		{Principal: question.Principal, Model: "b", Action: "predict"},
		{Principal: question.Principal, Model: "c", Action: "fail"},
	})
	if answers[0].Reason != "NO_GRANT" || !answers[1].Allowed() || answers[2].Reason != "UNKNOWN_ACTION" ||
		status.Code(answers[2].Err) != codes.InvalidArgument {
		t.Fatalf("got %+v", answers)
	}
}

func TestBatchCheck_anyFailure_deniesAll(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar)
	both := []modelgate.Question{question, question}
	denied := func(what string, answers []modelgate.Answer, reason string) {
		t.Helper()
		for _, answer := range answers {
			if answer.Allowed() || answer.Reason != reason || answer.Err == nil {
				t.Errorf("%s: got %+v", what, answer)
			}
		}
	}
	if answers := client.BatchCheck(t.Context(), nil); len(answers) != 0 {
		t.Errorf("got %+v", answers)
	}
	denied("too many", client.BatchCheck(t.Context(), make([]modelgate.Question, modelgate.BatchMax+1)), "INVALID_FIELD")
	sidecar.Garble()
	denied("a result is missing", client.BatchCheck(t.Context(), both), "UNKNOWN_DECISION")
	sidecar.Stop()
	denied("nobody listens", client.BatchCheck(t.Context(), both), "UNAVAILABLE")
}

func TestNew_uselessSettings_areRefused(t *testing.T) {
	for name, options := range map[string][]modelgate.Option{
		"no deadline":           {modelgate.WithDeadline(0)},
		"deadline of a week":    {modelgate.WithDeadline(7 * 24 * time.Hour)},
		"no silence":            {modelgate.WithWatchSilence(0)},
		"far away without TLS":  {modelgate.WithAddress("192.0.2.1:7070")},
		"a name without TLS":    {modelgate.WithAddress("sidecar.example:7070")},
		"port 0":                {modelgate.WithAddress("127.0.0.1:0")},
		"no port":               {modelgate.WithAddress("127.0.0.1")},
		"socket and address":    {modelgate.WithSocket("s"), modelgate.WithAddress("127.0.0.1:7070")},
		"socket and TLS":        {modelgate.WithSocket("s"), modelgate.WithTLS(nil)},
		"authorities not there": {modelgate.WithTLSFiles(modelgate.TLSFiles{Authorities: "/nowhere"})},
		"certificate, no key":   {modelgate.WithTLSFiles(modelgate.TLSFiles{Certificate: "c"})},
	} {
		if client, err := modelgate.New(options...); err == nil {
			_ = client.Close()
			t.Errorf("%s: accepted", name)
		}
	}
}

// await asks until something is true, for at most as long as patience lasts.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
