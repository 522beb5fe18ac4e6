package protect

import (
	"net/http"
	"sync"
	"time"

	"modelgate.dev/client/go/internal/rules"
)

// unflushedMax is how much may be written, in bytes, before a response counts as one that streams.
const unflushedMax = 16 << 10

// cutResponse is the response that the handler writes.
//
// Invariants: once it streams, its targets are watched; after it was cut and abandon has returned, nothing touches the real
// response any more, whatever the handler does.
type cutResponse struct {
	inner   http.ResponseWriter
	watched *watched
	targets []rules.Target

	mu        sync.Mutex
	written   int
	streaming bool
}

func (c *cutResponse) Header() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched.reason() != nil {
		return http.Header{}
	}
	return c.inner.Header()
}

func (c *cutResponse) WriteHeader(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched.reason() == nil {
		c.inner.WriteHeader(code)
	}
}

func (c *cutResponse) Write(bytes []byte) (int, error) {
	c.mu.Lock()
	c.written += len(bytes)
	streams := c.written > unflushedMax
	c.mu.Unlock()
	if streams {
		if err := c.stream(); err != nil {
			return 0, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched.reason() != nil {
		return 0, http.ErrAbortHandler
	}
	return c.inner.Write(bytes)
}

// Flush begins to stream.
func (c *cutResponse) Flush() {
	_ = c.FlushError()
}

// FlushError is Flush for a [http.ResponseController].
func (c *cutResponse) FlushError() error {
	if err := c.stream(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched.reason() != nil {
		return http.ErrAbortHandler
	}
	return http.NewResponseController(c.inner).Flush()
}

// stream watches the targets from the first flush on; the first answers are a check.
func (c *cutResponse) stream() error {
	c.mu.Lock()
	begun := c.streaming
	c.streaming = true
	c.mu.Unlock()
	if begun {
		return nil
	}
	if denied := c.watched.admit(c.targets); denied != nil {
		c.watched.end(denied)
		return http.ErrAbortHandler
	}
	return nil
}

// abandon waits until nobody writes to a response that was cut, which ends at once for the connection's deadline has
// passed.
func (c *cutResponse) abandon() {
	_ = http.NewResponseController(c.inner).SetWriteDeadline(time.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
}
