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

// The clocks of a client. A head has one deadline for all of it, so bytes that
// drip do not extend it; a body only has to keep moving.
const (
	idleTime   = 60 * time.Second       // between requests
	headTime   = 5 * time.Second        // from the first byte of a head to its last
	stallTime  = 60 * time.Second       // without a byte of a body, either way
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
	phaseBody   // the request on its way, and the answer
	phaseTunnel // bytes as they are
)

// A client is one connection: requests are read, sent on and answered in order.
type client struct {
	proxy   *proxy
	conn    net.Conn
	in      *bufio.Reader
	address string // of who is believed to be at the other end
	scheme  string

	mu    sync.Mutex // guards phase against hurry
	phase phase
}

func newClient(p *proxy, conn net.Conn) *client {
	c := &client{proxy: p, conn: conn, scheme: "http"}
	c.address, _, _ = net.SplitHostPort(conn.RemoteAddr().String())
	c.in = bufio.NewReader(c)
	return c
}

// serve answers requests until one side wants to close.
func (c *client) serve(arrive arrive) {
	defer func() { c.conn.Close() }()
	defer func() {
		if p := recover(); p != nil {
			log.Printf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if !arrive(c) {
		return
	}
	for {
		if err := c.awaitRequest(); err != nil {
			c.refuse(asStatus(err))
			return
		}
		c.enter(phaseHead, headTime)
		req, err := readRequest(c.in)
		if err != nil {
			c.refuse(asStatus(err))
			return
		}
		c.enter(phaseBody, stallTime)
		if !c.proxy.handle(c, req) {
			return
		}
	}
}

// awaitRequest returns when the first byte of a request is there. Empty lines
// before it are skipped (RFC 9112 §2.2), a few of them.
func (c *client) awaitRequest() error {
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

// refuse answers what is not a well-formed head, and closes. A nil status
// means that there is nobody to answer.
func (c *client) refuse(status *statusError) {
	if status == nil {
		return
	}
	c.enter(phaseBody, stallTime)
	if c.say(&request{method: "GET", minor: 1}, status, true) == nil {
		c.linger()
	}
}

// leaving reports whether this is the last answer before a drain. Requests
// that have arrived already were begun, and are answered, too.
func (c *client) leaving() bool {
	if !c.proxy.draining.Load() {
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
func (c *client) linger() {
	closeWrite(c.conn)
	c.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.conn, lingerBytes)
}

// enter starts a phase and its clock.
func (c *client) enter(p phase, limit time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = p
	if p == phaseIdle && c.proxy.draining.Load() {
		limit = drainGrace
	}
	c.conn.SetReadDeadline(time.Now().Add(limit))
}

// hurry gives an idle client a last moment: a request that is on its way is
// still read. A tunnel ends now.
func (c *client) hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.phase {
	case phaseIdle:
		c.conn.SetReadDeadline(time.Now().Add(drainGrace))
	case phaseTunnel:
		c.conn.Close()
	}
}

// Read reads from the client. In a body each read has the stall time anew.
func (c *client) Read(p []byte) (int, error) {
	c.mu.Lock()
	if c.phase == phaseBody {
		c.conn.SetReadDeadline(time.Now().Add(stallTime))
	}
	c.mu.Unlock()
	return c.conn.Read(p)
}

// Write writes all of p, as long as some of it moves within each stall time.
func (c *client) Write(p []byte) (int, error) {
	total := 0
	for {
		c.conn.SetWriteDeadline(time.Now().Add(stallTime))
		n, err := c.conn.Write(p[total:])
		total += n
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		return total, err
	}
}

// closeWrite says that nothing more will be written, where the connection can.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}
