package modelgate_test

import (
	"fmt"
	"testing"
	"time"

	"modelgate.dev/client/go/internal/fakesidecar"
	"modelgate.dev/client/go/modelgate"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func lost(t *testing.T, watch *modelgate.Watch) modelgate.Answer {
	t.Helper()
	select {
	case <-watch.Done():
	case <-time.After(patience):
		t.Fatal("the watch goes on")
	}
	answer := watch.Answer()
	if answer.Allowed() {
		t.Fatalf("done, and yet %+v", answer)
	}
	return answer
}

func allowedWatch(t *testing.T, client *modelgate.Client) *modelgate.Watch {
	t.Helper()
	watch := client.Watch(t.Context(), question)
	if !watch.Answer().Allowed() {
		t.Fatalf("got %+v", watch.Answer())
	}
	select {
	case <-watch.Done():
		t.Fatal("over at once")
	default:
	}
	return watch
}

func TestWatch_accessIsRevoked_endsWithTheReason(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	watch := allowedWatch(t, newClient(t, sidecar))
	sidecar.Deny(question.Principal, question.Model, question.Action, "SUSPENDED")
	if answer := lost(t, watch); answer.Reason != "SUSPENDED" || answer.Err != nil {
		t.Fatalf("got %+v", answer)
	}
	// What is given back later does not revive it.
	sidecar.Allow(question.Principal, question.Model, question.Action)
	if watch.Answer().Allowed() {
		t.Fatal("allowed again")
	}
	await(t, "the end of the watch at the sidecar", func() bool { watches, _ := sidecar.Watching(); return watches == 0 })
}

func TestWatch_firstAnswerDenies_hasEnded(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	watch := newClient(t, sidecar).Watch(t.Context(), question)
	if answer := lost(t, watch); answer.Reason != "NO_GRANT" || answer.Err != nil {
		t.Fatalf("got %+v", answer)
	}
}

func TestWatch_questionFails_othersGoOn(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar)
	good := allowedWatch(t, client)
	bad := client.Watch(t.Context(), modelgate.Question{Principal: "user:a", Model: "m", Action: "fail"})
	if answer := lost(t, bad); answer.Reason != "UNKNOWN_ACTION" || status.Code(answer.Err) != codes.InvalidArgument {
		t.Fatalf("got %+v", answer)
	}
	if !good.Answer().Allowed() {
		t.Fatalf("got %+v", good.Answer())
	}
}

func TestWatch_sidecarFallsSilent_isLost(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	watch := allowedWatch(t, newClient(t, sidecar, modelgate.WithWatchSilence(10*fakesidecar.Heartbeat)))
	sidecar.Silence()
	if answer := lost(t, watch); status.Code(answer.Err) != codes.Unavailable {
		t.Fatalf("got %+v", answer)
	}
}

func TestWatch_sidecarStops_isLostAndOpensAgain(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar)
	watch := allowedWatch(t, client)
	sidecar.Stop()
	if answer := lost(t, watch); answer.Err == nil {
		t.Fatalf("got %+v", answer)
	}
	sidecar.Restart()
	await(t, "a new watch", func() bool {
		again := client.Watch(t.Context(), question)
		defer again.Stop()
		return again.Answer().Allowed()
	})
}

func TestWatch_firstAnswerIsLate_denies(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	defer sidecar.Hold()()
	watch := newClient(t, sidecar, modelgate.WithDeadline(time.Millisecond)).Watch(t.Context(), question)
	if answer := lost(t, watch); answer.Reason != "DEADLINE_EXCEEDED" {
		t.Fatalf("got %+v", answer)
	}
}

func TestWatch_stopped_endsAtTheSidecarAndIsOver(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	watch := allowedWatch(t, newClient(t, sidecar))
	watch.Stop()
	watch.Stop()
	if answer := lost(t, watch); answer.Reason != "CANCELED" {
		t.Fatalf("got %+v", answer)
	}
	await(t, "the end of the watch at the sidecar", func() bool { watches, _ := sidecar.Watching(); return watches == 0 })
}

func TestWatch_streamIsFull_opensAnother(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar, modelgate.WatchesPerStream(2))
	var all []*modelgate.Watch
	for range 5 {
		all = append(all, allowedWatch(t, client))
	}
	if watches, streams := sidecar.Watching(); watches != 5 || streams != 3 {
		t.Fatalf("%d watches on %d streams", watches, streams)
	}
	sidecar.Deny(question.Principal, question.Model, question.Action, "NO_GRANT")
	for _, watch := range all {
		lost(t, watch)
	}
}

func TestWatch_clientIsClosed_isLost(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	sidecar.Allow(question.Principal, question.Model, question.Action)
	client := newClient(t, sidecar)
	watch := allowedWatch(t, client)
	_ = client.Close()
	lost(t, watch)
	if again := client.Watch(t.Context(), question); again.Answer().Allowed() {
		t.Fatal("a closed client allows")
	}
}

func TestWatch_thousandAtOnce_onlyTheRevokedEnd(t *testing.T) {
	sidecar := fakesidecar.Start(t)
	client := newClient(t, sidecar)
	const each = 500
	var revoked, kept []*modelgate.Watch
	for i := range each {
		for model, all := range map[string]*[]*modelgate.Watch{"fraud": &revoked, "churn": &kept} {
			user := fmt.Sprintf("user:u%d", i)
			sidecar.Allow(user, model, "predict")
			*all = append(*all, client.Watch(t.Context(), modelgate.Question{
				Principal: user, Model: model, Action: "predict"}))
		}
	}
	for i := range each {
		sidecar.Deny(fmt.Sprintf("user:u%d", i), "fraud", "predict", "NO_GRANT")
	}
	for _, watch := range revoked {
		lost(t, watch)
	}
	for i, watch := range kept {
		if !watch.Answer().Allowed() {
			t.Fatalf("%d: got %+v", i, watch.Answer())
		}
	}
}
