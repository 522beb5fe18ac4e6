package protect

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"modelgate.dev/client/go/modelgate"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// denial is how a refused request ends.
type denial struct {
	code    codes.Code
	reason  string
	message string
}

func unauthenticated() *denial {
	return &denial{codes.Unauthenticated, "UNAUTHENTICATED", "no authenticated principal"}
}

func unmapped() *denial {
	return &denial{codes.PermissionDenied, "NO_MODEL", "the request names no model"}
}

func malformed(why string) *denial {
	return &denial{codes.InvalidArgument, "REQUEST_MALFORMED", why}
}

func unavailable() *denial {
	return &denial{codes.Unavailable, "AUTHORIZATION_UNAVAILABLE", "authorization unavailable"}
}

// denialOf is nil for an answer that allows. A question that the sidecar refuses is PERMISSION_DENIED, for asking again
// does not help; one that it could not answer is UNAVAILABLE.
func denialOf(answer modelgate.Answer) *denial {
	if answer.Allowed() {
		return nil
	}
	if answer.Err != nil && status.Code(answer.Err) != codes.InvalidArgument {
		return unavailable()
	}
	reason := answer.Reason
	if reason == "" {
		reason = answer.Outcome.String()
	}
	return &denial{codes.PermissionDenied, reason, reason}
}

// err is the gRPC status, with one ErrorInfo.
func (d *denial) err() error {
	plain := status.New(d.code, d.message)
	detailed, err := plain.WithDetails(&errdetails.ErrorInfo{Domain: modelgate.Domain, Reason: d.reason})
	if err != nil {
		return plain.Err()
	}
	return detailed.Err()
}

type httpError struct {
	Error struct {
		Code    int    `json:"code"`
		Status  string `json:"status"`
		Reason  string `json:"reason"`
		Message string `json:"message"`
	} `json:"error"`
}

// write answers over HTTP. The challenge is for whoever proves nobody.
func (d *denial) write(w http.ResponseWriter, challenge string) {
	kinds := map[codes.Code]struct {
		code int
		name string
	}{
		codes.Unauthenticated:  {http.StatusUnauthorized, "UNAUTHENTICATED"},
		codes.PermissionDenied: {http.StatusForbidden, "PERMISSION_DENIED"},
		codes.InvalidArgument:  {http.StatusBadRequest, "INVALID_ARGUMENT"},
		codes.Unavailable:      {http.StatusServiceUnavailable, "UNAVAILABLE"},
	}
	body := httpError{}
	body.Error.Code, body.Error.Status = kinds[d.code].code, kinds[d.code].name
	body.Error.Reason, body.Error.Message = d.reason, d.message
	text, err := json.Marshal(body)
	if err != nil {
		text = nil
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	header.Set("Cache-Control", "no-store")
	if d.code == codes.Unauthenticated {
		header.Set("Www-Authenticate", challenge)
	}
	w.WriteHeader(body.Error.Code)
	_, _ = w.Write(text)
}

// untilTimer runs a function when a credential ends; zero: never.
func untilTimer(until time.Time, end func()) (stop func()) {
	if until.IsZero() {
		return func() {}
	}
	timer := time.AfterFunc(time.Until(until), end)
	return func() { timer.Stop() }
}
