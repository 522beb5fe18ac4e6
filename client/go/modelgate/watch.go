package modelgate

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	modelgatev1 "modelgate.dev/client/go/modelgate/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// watchesPerStreamMax is how many watches the sidecar takes on one stream.
const watchesPerStreamMax = 10_000

// Watch follows one access that is allowed until [Watch.Done]. It never allows again after that; open another one.
type Watch struct {
	stream *watchStream
	id     uint64
	stop   sync.Once
	first  chan struct{} // closed with the first answer
	done   chan struct{}

	mu      sync.Mutex
	heard   bool
	over    bool
	current Answer
}

// Answer is how the access stands: that which allowed it, or after [Watch.Done] why it is no longer allowed. A watch
// that was lost, to an error, the end of the stream or silence, has an [Answer.Err].
func (w *Watch) Answer() Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.current
}

// Done is closed as soon as the access is not allowed any more, or the sidecar cannot be heard.
func (w *Watch) Done() <-chan struct{} {
	return w.done
}

// Stop ends the watch, which then counts as lost. It does not wait, and may be called again.
func (w *Watch) Stop() {
	w.settle(failed(status.Error(codes.Canceled, "the watch was stopped")))
	if w.stream != nil {
		w.stop.Do(func() { w.stream.send(&modelgatev1.WatchAccessRequest{Id: w.id}) })
	}
}

// ended is a watch that never began.
func ended(answer Answer) *Watch {
	w := &Watch{first: make(chan struct{}), done: make(chan struct{})}
	w.settle(answer)
	return w
}

// settle takes an answer; one that does not allow ends the watch.
func (w *Watch) settle(answer Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.current = answer
	if !w.heard {
		w.heard = true
		close(w.first)
	}
	if !answer.Allowed() {
		w.over = true
		close(w.done)
	}
}

// watches keeps the streams of a client.
type watches struct {
	stub      modelgatev1.AuthorizationServiceClient
	silence   time.Duration
	perStream int
	life      context.Context
	end       context.CancelFunc

	mu      sync.Mutex
	streams []*watchStream
}

func newWatches(stub modelgatev1.AuthorizationServiceClient, silence time.Duration, perStream int) *watches {
	life, end := context.WithCancel(context.Background())
	return &watches{stub: stub, silence: silence, perStream: perStream, life: life, end: end}
}

func (s *watches) close() {
	s.end()
}

// open begins a watch and waits for its first answer until ctx ends. A stream that was found dead is opened anew once.
func (s *watches) open(ctx context.Context, request *modelgatev1.CheckRequest) *Watch {
	watch := s.try(ctx, request)
	if err := watch.Answer().Err; err != nil && mayRepeat(ctx, err) {
		return s.try(ctx, request)
	}
	return watch
}

func (s *watches) try(ctx context.Context, request *modelgatev1.CheckRequest) *Watch {
	watch := &Watch{first: make(chan struct{}), done: make(chan struct{})}
	s.place(watch).send(&modelgatev1.WatchAccessRequest{Id: watch.id, Check: request})
	select {
	case <-watch.first:
	case <-ctx.Done():
		watch.settle(failed(status.FromContextError(ctx.Err()).Err()))
	}
	if !watch.Answer().Allowed() {
		watch.Stop()
	}
	return watch
}

// place puts a watch on the first stream that has room, or on a new one.
func (s *watches) place(watch *Watch) *watchStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		if stream.take(watch, s.perStream) {
			return stream
		}
	}
	stream := s.newStream()
	s.streams = append(s.streams, stream)
	stream.take(watch, s.perStream)
	return stream
}

func (s *watches) newStream() *watchStream {
	ctx, cancel := context.WithCancel(s.life)
	stream := &watchStream{
		ctx:     ctx,
		cancel:  cancel,
		silence: s.silence,
		wake:    make(chan struct{}, 1),
		open:    map[uint64]*Watch{},
	}
	stream.onEnd = func() { s.drop(stream) }
	go stream.run(s.stub)
	return stream
}

func (s *watches) drop(stream *watchStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, each := range s.streams {
		if each == stream {
			s.streams = append(s.streams[:i], s.streams[i+1:]...)
			return
		}
	}
}

// watchStream is one stream to the sidecar and the watches on it.
//
// Invariants: a watch is in open from before its request is sent until the sidecar has said that it ended, so that never
// more than the sidecar's limit are open; ids are never used again; after the stream has failed, no watch on it allows.
type watchStream struct {
	ctx     context.Context
	cancel  context.CancelFunc
	onEnd   func()
	silence time.Duration
	wake    chan struct{} // has an element when something was queued

	mu     sync.Mutex
	open   map[uint64]*Watch
	lastID uint64
	// What waits to be sent: at most the beginning and the end of each watch that is open.
	queue  []*modelgatev1.WatchAccessRequest
	broken bool
}

// take gives a watch its id here, unless the stream is broken or full.
func (t *watchStream) take(watch *Watch, limit int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken || len(t.open) >= limit {
		return false
	}
	t.lastID++
	watch.id, watch.stream = t.lastID, t
	t.open[watch.id] = watch
	return true
}

// send queues a request; it never blocks.
func (t *watchStream) send(request *modelgatev1.WatchAccessRequest) {
	t.mu.Lock()
	if t.open[request.GetId()] != nil {
		t.queue = append(t.queue, request)
	}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run speaks with the sidecar until the stream ends; then all its watches are lost.
func (t *watchStream) run(stub modelgatev1.AuthorizationServiceClient) {
	silent := time.AfterFunc(t.silence, func() {
		t.fail(status.Errorf(codes.Unavailable, "nothing was heard of the sidecar for %v", t.silence))
	})
	defer silent.Stop()
	call, err := stub.WatchAccess(t.ctx)
	if err != nil {
		t.fail(err)
		return
	}
	go t.sendAll(call)
	for {
		response, err := call.Recv()
		if err != nil {
			t.fail(err)
			return
		}
		silent.Reset(t.silence)
		t.heard(response)
	}
}

func (t *watchStream) sendAll(call grpc.BidiStreamingClient[modelgatev1.WatchAccessRequest, modelgatev1.WatchAccessResponse]) {
	for {
		t.mu.Lock()
		queue := t.queue
		t.queue = nil
		t.mu.Unlock()
		for _, request := range queue {
			if call.Send(request) != nil {
				return // The receiver hears why.
			}
		}
		select {
		case <-t.wake:
		case <-t.ctx.Done():
			return
		}
	}
}

func (t *watchStream) heard(response *modelgatev1.WatchAccessResponse) {
	if response.GetId() == 0 {
		return // A heartbeat.
	}
	t.mu.Lock()
	watch := t.open[response.GetId()]
	t.mu.Unlock()
	if watch == nil {
		return
	}
	switch result := response.GetResult().(type) {
	case *modelgatev1.WatchAccessResponse_Response:
		watch.settle(toAnswer(result.Response))
	case *modelgatev1.WatchAccessResponse_Error:
		t.forget(watch)
		watch.settle(fromItem(result.Error))
	case *modelgatev1.WatchAccessResponse_Ended:
		t.forget(watch)
		watch.settle(failed(status.Error(codes.Canceled, "the watch has ended")))
	default:
		watch.settle(empty())
	}
	if !watch.Answer().Allowed() {
		watch.Stop()
	}
}

func (t *watchStream) forget(watch *Watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, watch.id)
}

// fail loses all watches; only the first failure counts.
func (t *watchStream) fail(err error) {
	if errors.Is(err, io.EOF) {
		err = status.Error(codes.Unavailable, "the sidecar ended the watch")
	}
	t.mu.Lock()
	lost := t.open
	t.open, t.queue, t.broken = map[uint64]*Watch{}, nil, true
	t.mu.Unlock()
	t.cancel()
	t.onEnd()
	for _, watch := range lost {
		watch.settle(failed(err))
	}
}
