package main

import (
	"bufio"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// The clocks of a connection. A head has one deadline for all of it, so bytes
// that drip do not extend it; a body only has to keep moving.
const (
	idleTime   = 60 * time.Second       // between requests
	headTime   = 5 * time.Second        // from the first byte of a head to its last
	stallTime  = 20 * time.Second       // without a byte of a body, either way
	drainGrace = 100 * time.Millisecond // for what was sent before SIGTERM
	lingerTime = time.Second
)

const (
	lingerBytes = 1 << 20   // thrown away after a refusal, so that it is seen
	skipBytes   = 256 << 10 // of an unread body, to keep the connection
)

type phase int

const (
	phaseIdle phase = iota // no byte of the next request yet
	phaseHead
	phaseBody // the body, the work and the answer
)

// A conn is one client: requests are read, handled and answered in order.
type conn struct {
	server *server
	tcp    *net.TCPConn
	in     *bufio.Reader

	mu    sync.Mutex // guards phase against hurry
	phase phase
}

func newConn(s *server, tcp *net.TCPConn) *conn {
	c := &conn{server: s, tcp: tcp}
	c.in = bufio.NewReader(c)
	return c
}

// serve answers requests until one side wants to close.
func (c *conn) serve() {
	defer c.tcp.Close()
	defer func() {
		if p := recover(); p != nil {
			log.Printf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for {
		if err := c.awaitRequest(); err != nil {
			c.refuse(asStatus(err))
			return
		}
		c.enter(phaseHead, headTime)
		req, err := readHead(c.in)
		if err != nil {
			c.refuse(asStatus(err))
			return
		}
		c.enter(phaseBody, stallTime)
		keep, err := c.answer(req)
		if err != nil {
			return // the answer is cut: nothing may follow it
		}
		if !keep {
			c.linger()
			return
		}
	}
}

// awaitRequest returns when the first byte of a request is there. Empty lines
// before it are skipped (RFC 9112 §2.2), a few of them.
func (c *conn) awaitRequest() error {
	c.enter(phaseIdle, idleTime)
	for range 8 {
		first, err := c.in.Peek(1)
		if err != nil {
			return io.EOF // closed, or idle for too long: no request, no answer
		}
		if first[0] != '\r' {
			return nil
		}
		if line, err := c.in.Peek(2); err != nil {
			return io.EOF
		} else if line[1] != '\n' {
			return badRequest("a CR without its LF")
		}
		c.in.Discard(2)
	}
	return badRequest("nothing but empty lines")
}

// answer handles one request and writes its response. It reports whether the
// connection can serve another; an error means that the answer broke off.
func (c *conn) answer(req *request) (keep bool, err error) {
	resp, err := c.handle(req)
	if err != nil {
		status := asStatus(err)
		if status == nil {
			return false, err
		}
		resp = status.response()
	}
	defer resp.release()

	keep = req.persistent() && !resp.closes && req.body.skippable() && !c.leaving()
	if err := writeResponse(c, req, resp, &keep); err != nil {
		return false, err
	}
	return keep && req.body.skip(skipBytes), nil
}

func (c *conn) handle(req *request) (resp *response, err error) {
	if req.body, err = newBody(req, c.in, c.sendContinue); err != nil {
		return nil, err
	}
	return c.server.router.handle(req)
}

// refuse answers what is not a well-formed head, and closes. A nil status
// means that there is nobody to answer.
func (c *conn) refuse(status *statusError) {
	if status == nil {
		return
	}
	c.enter(phaseBody, stallTime)
	keep := false
	unread := &request{method: "GET", minor: 1}
	if writeResponse(c, unread, status.response(), &keep) == nil {
		c.linger()
	}
}

// sendContinue asks a waiting client for its body. A client whose body is on
// its way already does not need to be asked.
func (c *conn) sendContinue() error {
	if c.in.Buffered() > 0 {
		return nil
	}
	_, err := io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
	return err
}

// leaving reports whether this is the last answer before a drain. Requests
// that have arrived already were begun, and are answered, too.
func (c *conn) leaving() bool {
	if !c.server.draining.Load() {
		return false
	}
	c.enter(phaseHead, drainGrace/20)
	defer c.enter(phaseBody, stallTime)
	_, err := c.in.Peek(1)
	return err != nil
}

// linger ends our side and throws away what the client still sends, for a
// bounded time and amount. To close with bytes unread would send RST, which
// can destroy the answer before the client has read it (RFC 9112 §9.6).
func (c *conn) linger() {
	c.tcp.CloseWrite()
	c.tcp.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.tcp, lingerBytes)
}

// enter starts a phase and its clock.
func (c *conn) enter(p phase, limit time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = p
	if p == phaseIdle && c.server.draining.Load() {
		limit = drainGrace
	}
	c.tcp.SetReadDeadline(time.Now().Add(limit))
}

// hurry gives an idle connection a last moment: a request that is on its way
// is still read. A deadline in the past would fail without looking.
func (c *conn) hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == phaseIdle {
		c.tcp.SetReadDeadline(time.Now().Add(drainGrace))
	}
}

// Read reads from the client. In a body each read has the stall time anew.
func (c *conn) Read(p []byte) (int, error) {
	if c.phase == phaseBody {
		c.tcp.SetReadDeadline(time.Now().Add(stallTime))
	}
	return c.tcp.Read(p)
}

// Write writes all of p, as long as some of it moves within each stall time.
func (c *conn) Write(p []byte) (int, error) {
	total := 0
	for {
		c.tcp.SetWriteDeadline(time.Now().Add(stallTime))
		n, err := c.tcp.Write(p[total:])
		total += n
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		return total, err
	}
}
