package modelgate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// Domain is that of every ErrorInfo of Modelgate.
const Domain = "modelgate.dev"

const (
	reasonPrefix    = "ERROR_REASON_"
	unknownDecision = "UNKNOWN_DECISION"
	invalidField    = "INVALID_FIELD"
)

// toAnswer reads a decision; one that is unspecified or unknown is a denial with a cause.
func toAnswer(response *modelgatev1.CheckResponse) Answer {
	answer := Answer{
		Reason:            response.GetReason(),
		Revision:          response.GetRevision(),
		DeniedLink:        response.GetDeniedLink(),
		MissingAttributes: response.GetMissingAttributes(),
	}
	if until := response.GetValidUntil(); until.IsValid() {
		answer.ValidUntil = until.AsTime()
	}
	switch response.GetDecision() {
	case modelgatev1.Decision_DECISION_ALLOW:
		answer.Outcome = Allowed
	case modelgatev1.Decision_DECISION_DENY:
		answer.Outcome = Denied
	case modelgatev1.Decision_DECISION_CONDITIONAL:
		answer.Outcome = Conditional
	default:
		return Answer{Reason: unknownDecision, Err: fmt.Errorf(
			"decision: `%d` (expected: one that this client knows)", response.GetDecision())}
	}
	return answer
}

// failed is a denial because no decision was read; it keeps the cause.
func failed(err error) Answer {
	err = fromContext(err)
	_, reason := errorReason(err)
	return Answer{Reason: reason, Err: err}
}

// refused is a denial because of a mistake in the question, as the sidecar would refuse it.
func refused(err error) Answer {
	detailed := status.New(codes.InvalidArgument, err.Error())
	if with, e := detailed.WithDetails(&errdetails.ErrorInfo{Domain: Domain, Reason: invalidField}); e == nil {
		detailed = with
	}
	return Answer{Reason: invalidField, Err: detailed.Err()}
}

// fromItem reads the failure of one item as what a failed Check would have given.
func fromItem(item *modelgatev1.ItemError) Answer {
	code := codes.Code(item.GetCode())
	if code == codes.OK || code > codes.Unauthenticated {
		code = codes.Unknown
	}
	detailed := status.New(code, item.GetMessage())
	var details []protoadapt.MessageV1
	name := modelgatev1.ErrorReason_name[int32(item.GetReason())]
	if reason, known := strings.CutPrefix(name, reasonPrefix); known && item.GetReason() != 0 {
		details = append(details,
			&errdetails.ErrorInfo{Domain: Domain, Reason: reason, Metadata: item.GetMetadata()})
	}
	if item.GetRetryAfter() != nil {
		details = append(details, &errdetails.RetryInfo{RetryDelay: item.GetRetryAfter()})
	}
	if with, err := detailed.WithDetails(details...); err == nil {
		detailed = with
	}
	return failed(detailed.Err())
}

// empty is for an answer that neither decides nor fails, as a newer or broken server might send.
func empty() Answer {
	return Answer{Reason: unknownDecision, Err: errors.New("result: not set (expected: one)")}
}

// errorReason is the code of a failure and its ErrorReason, or the name of the code where it has none.
func errorReason(err error) (codes.Code, string) {
	read := status.Convert(err)
	for _, detail := range read.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain && info.GetReason() != "" {
			return read.Code(), info.GetReason()
		}
	}
	return read.Code(), upperSnake(read.Code().String())
}

// retryAfter is what a failure asks to wait before a retry.
func retryAfter(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return max(0, info.GetRetryDelay().AsDuration()), true
		}
	}
	return 0, false
}

// fromContext makes a status of what a context ends with, so that every Err of a failed call is one.
func fromContext(err error) error {
	if _, is := status.FromError(err); !is &&
		(errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return status.FromContextError(err).Err()
	}
	return err
}

// upperSnake turns DeadlineExceeded into DEADLINE_EXCEEDED; "OK" stays.
func upperSnake(name string) string {
	var text strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && !strings.HasPrefix(name, "OK") {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToUpper(r))
	}
	return text.String()
}
