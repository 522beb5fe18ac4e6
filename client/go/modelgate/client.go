package modelgate

import (
	"context"
	"fmt"
	"time"

	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// BatchMax is how many questions one batch may have.
	BatchMax = 1000
	// DeadlineDefault bounds a check, its repetition included.
	DeadlineDefault = 50 * time.Millisecond
	// SilenceDefault is after how long without a word a watch is lost.
	SilenceDefault = time.Second

	deadlineMax = 24 * time.Hour
	// The largest answer, that of a batch, has at most 4 MiB.
	messageBytesMax = 5 << 20
)

// Client asks a sidecar. One instance serves a whole process: it is safe for concurrent use and keeps one connection,
// which it opens with the first question and again after each failure.
//
// Invariant: whatever goes wrong, the answer is a denial that keeps the cause.
type Client struct {
	connection *grpc.ClientConn
	stub       modelgatev1.AuthorizationServiceClient
	deadline   time.Duration
	watches    *watches
}

// New makes a client; it does not connect yet. Without [WithSocket], [WithAddress] or TLS it asks
// modelgate-data/modelgate.sock if that is there, else 127.0.0.1:7070.
//
// It fails when a setting is out of range, when an address is not loopback and there is no TLS, when there is a socket
// beside an address or TLS, or when a file of TLS is of no use.
func New(options ...Option) (*Client, error) {
	settings := settings{deadline: DeadlineDefault, silence: SilenceDefault, watchesPerStream: watchesPerStreamMax}
	for _, option := range options {
		option(&settings)
	}
	if settings.deadline <= 0 || settings.deadline > deadlineMax {
		return nil, fmt.Errorf("deadline: `%v` (expected: more than 0, at most %v)", settings.deadline, deadlineMax)
	}
	if settings.silence <= 0 || settings.silence > deadlineMax {
		return nil, fmt.Errorf("watch silence: `%v` (expected: more than 0, at most %v)", settings.silence, deadlineMax)
	}
	target, dialing, err := settings.endpoint()
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(target, dialing...)
	if err != nil {
		return nil, err
	}
	stub := modelgatev1.NewAuthorizationServiceClient(connection)
	return &Client{
		connection: connection,
		stub:       stub,
		deadline:   settings.deadline,
		watches:    newWatches(stub, settings.silence, settings.watchesPerStream),
	}, nil
}

// Close denies what is in flight, ends all watches and closes the connection.
func (c *Client) Close() error {
	c.watches.close()
	return c.connection.Close()
}

// Check asks and waits, at most until the client's deadline or that of ctx, whichever is earlier. A question that fails
// as UNAVAILABLE is repeated once within the deadline, and so is one that a busy sidecar asks to repeat before it.
func (c *Client) Check(ctx context.Context, question Question) Answer {
	request, err := question.toWire()
	if err != nil {
		return refused(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	response, err := c.stub.Check(ctx, request)
	if err != nil && mayRepeat(ctx, err) {
		response, err = c.stub.Check(ctx, request)
	}
	if err != nil {
		return failed(err)
	}
	return toAnswer(response)
}

// BatchCheck asks many questions, at most [BatchMax], in one call under the client's deadline, and returns one answer
// for each in their order. When the call fails, all of them are denied with its cause; it is not repeated.
func (c *Client) BatchCheck(ctx context.Context, questions []Question) []Answer {
	answers := make([]Answer, len(questions))
	if len(questions) == 0 {
		return answers
	}
	deny := func(answer Answer) []Answer {
		for i := range answers {
			answers[i] = answer
		}
		return answers
	}
	if len(questions) > BatchMax {
		return deny(refused(fmt.Errorf("questions: %d (expected: 0..%d)", len(questions), BatchMax)))
	}
	request := &modelgatev1.BatchCheckRequest{Items: make([]*modelgatev1.CheckRequest, len(questions))}
	for i, question := range questions {
		item, err := question.toWire()
		if err != nil {
			return deny(refused(fmt.Errorf("question %d: %w", i, err)))
		}
		request.Items[i] = item
	}
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	response, err := c.stub.BatchCheck(ctx, request)
	if err != nil {
		return deny(failed(err))
	}
	if len(response.GetResults()) != len(questions) {
		return deny(Answer{Reason: unknownDecision, Err: fmt.Errorf(
			"results: %d (expected: %d)", len(response.GetResults()), len(questions))})
	}
	for i, result := range response.GetResults() {
		switch result := result.GetResult().(type) {
		case *modelgatev1.BatchCheckResult_Response:
			answers[i] = toAnswer(result.Response)
		case *modelgatev1.BatchCheckResult_Error:
			answers[i] = fromItem(result.Error)
		default:
			answers[i] = empty()
		}
	}
	return answers
}

// Watch asks as Check does and goes on following the answer until [Watch.Stop]. All watches of a client share a stream
// to the sidecar for each 10,000 of them. If the first answer does not allow, the watch has ended already.
func (c *Client) Watch(ctx context.Context, question Question) *Watch {
	request, err := question.toWire()
	if err != nil {
		return ended(refused(err))
	}
	ctx, cancel := context.WithTimeout(ctx, c.deadline)
	defer cancel()
	return c.watches.open(ctx, request)
}

// mayRepeat tells whether a check may be asked once more, and waits as long as the failure asks for. Checks change
// nothing, so repeating one is safe; a busy sidecar must not be asked sooner than it says.
func mayRepeat(ctx context.Context, err error) bool {
	wait, given := retryAfter(err)
	switch status.Code(err) {
	case codes.Unavailable:
	case codes.ResourceExhausted:
		if !given {
			return false
		}
	default:
		return false
	}
	end, _ := ctx.Deadline()
	if ctx.Err() != nil || wait >= time.Until(end) {
		return false
	}
	if wait == 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
