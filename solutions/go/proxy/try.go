package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A tryError tells how a try ended without an answer.
type tryError struct {
	statusError
	refused bool // the connection was not made: nothing was sent
	garbled bool // octets of an answer came
}

func (e *tryError) Unwrap() error { return &e.statusError }

func (t *tryError) again(e *exchange) bool {
	if !time.Now().Before(e.deadline) {
		return false
	}
	if t.refused {
		return true
	}
	return !t.garbled && e.replayable()
}

var errStale = errors.New("a kept connection turned out to be closed")

// try sends the request to one upstream and passes its answer on.
func (e *exchange) try(u *upstream, fresh bool) (keep bool, err error) {
	u.underWay.Add(1)
	over := sync.OnceFunc(func() { u.underWay.Add(-1) })
	defer over()

	l, err := u.connect(fresh, e.deadline)
	if err != nil {
		u.report(false)
		return false, connectError(err)
	}
	t := &try{exchange: e, upstream: u, link: l, sent: make(chan error, 1), over: over}
	defer t.end()
	go t.send()
	resp, err := t.awaitHead()
	if err != nil {
		var broken *tryError
		if !errors.As(err, &broken) {
			return false, err
		}
		if l.used && t.silent && e.replayable() {
			return false, errStale
		}
		u.report(false)
		return false, err
	}
	u.report(resp.code != 502 && resp.code != 503 && resp.code != 504)
	return t.passOn(resp)
}

func connectError(err error) error {
	status := statusError{code: 502, why: "the upstream takes no connection"}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		status = statusError{code: 504, why: "the connection to the upstream was not made in time"}
	}
	return &tryError{statusError: status, refused: true}
}

// A try is an exchange with one upstream on one connection. The body goes out
// while the answer may already come in.
type try struct {
	*exchange
	upstream *upstream
	link     *link
	sent     chan error // what became of the request, once
	result   error
	whole    bool // the request has been sent to its end
	silent   bool // the upstream ended without an octet
	over     func()
	kept     bool // the connection has been put back
}

// send writes the head, what an earlier try has sent of the body, and the rest.
func (t *try) send() { t.sent <- t.write() }

func (t *try) write() error {
	b := t.body
	chunked := b.framing == byChunks
	head := t.client.requestHead(t.req, t.target, t.host, b.framing, b.length)
	w := &stallWriter{t.link, t.proxy.read}
	if _, err := io.WriteString(w, head); err != nil {
		return &writeError{err}
	}
	if len(b.kept) > 0 {
		again := b.kept
		if chunked {
			again = fmt.Appendf(fmt.Appendf(nil, "%x\r\n", len(b.kept)), "%s\r\n", b.kept)
		}
		if _, err := w.Write(again); err != nil {
			return &writeError{err}
		}
	}
	if b.framing == unframed {
		return nil
	}
	return pass(w, b.body, chunked, b.note)
}

// A stallWriter gives up when nothing moves for a time.
type stallWriter struct {
	net.Conn
	limit time.Duration
}

func (w *stallWriter) Write(p []byte) (int, error) {
	total := 0
	for {
		w.Conn.SetWriteDeadline(time.Now().Add(w.limit))
		n, err := w.Conn.Write(p[total:])
		total += n
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		return total, err
	}
}

// awaitHead reads heads until the final one, and passes interim ones on.
func (t *try) awaitHead() (*response, error) {
	for {
		if err := t.awaitFirst(); err != nil {
			return nil, err
		}
		t.setReadDeadline()
		resp, err := readResponse(t.link.in)
		if err != nil {
			return nil, t.broken(err)
		}
		if resp.code == 101 && upgrade(t.req) != "" || resp.code >= 200 {
			return resp, nil
		}
		if resp.code == 101 {
			return nil, t.broken(badRequest("a change of protocol that nobody asked for"))
		}
		if t.req.minor >= 1 {
			var h head
			fmt.Fprintf(&h, "HTTP/1.1 %d %s\r\n", resp.code, resp.reason)
			h.lines(passed(resp.fields, nil))
			if _, err := t.client.Write([]byte(h.String() + "\r\n")); err != nil {
				return nil, errClientGone
			}
		}
	}
}

// awaitFirst waits for the first octet of an answer. As long as the client
// still sends, the upstream owes nothing, and the clock stands.
func (t *try) awaitFirst() error {
	arrived := make(chan error, 1)
	t.link.SetReadDeadline(t.deadline)
	go func() {
		_, err := t.link.in.Peek(1)
		arrived <- err
	}()
	for {
		sent := t.sent
		if t.whole {
			sent = nil
		}
		select {
		case err := <-arrived:
			if err == nil {
				return nil
			}
			t.silent = true
			return t.broken(err)
		case t.result = <-sent:
			t.whole = true
			if err := t.afterSending(arrived); err != nil {
				return err
			}
		}
	}
}

// afterSending starts the clock of the upstream. When the client broke its
// request off, nobody waits for an answer; when the upstream stopped reading,
// it may still have answered.
func (t *try) afterSending(arrived chan error) error {
	var failed *writeError
	switch {
	case t.result == nil, errors.As(t.result, &failed):
		t.setReadDeadline()
		return nil
	default:
		t.link.Close()
		<-arrived
		if status := asStatus(t.result); status != nil && status.code != 408 {
			return status // a body that is malformed
		}
		return errClientGone
	}
}

func (t *try) setReadDeadline() {
	limit := time.Now().Add(t.proxy.read)
	if !t.begun && t.deadline.Before(limit) {
		limit = t.deadline
	}
	t.link.SetReadDeadline(limit)
}

var errClientGone = errors.New("the client has gone")

// broken is what a try ends with when no whole head came.
func (t *try) broken(err error) error {
	status := statusError{code: 502, why: "the upstream ended without an answer"}
	var malformed *statusError
	switch {
	case errors.As(err, &malformed):
		status.why = "what the upstream answered is not HTTP: " + malformed.why
	case errors.Is(err, os.ErrDeadlineExceeded):
		garbled := !t.silent
		t.silent = false // it is there, so nothing is stale
		status = statusError{code: 504, why: "the upstream did not answer in time"}
		return &tryError{statusError: status, garbled: garbled}
	}
	return &tryError{statusError: status, garbled: !t.silent}
}

// passOn writes the final answer to the client.
func (t *try) passOn(resp *response) (keep bool, err error) {
	how, length, err := responseFraming(t.req.method, resp)
	if err != nil {
		return false, t.broken(err)
	}
	if resp.code == 101 {
		return false, t.switchProtocols(resp)
	}
	b := newBody(how, length, t.link.in)
	chunked := t.req.minor >= 1 && (how == byChunks || how == byClose)
	endless := t.req.minor < 1 && (how == byChunks || how == byClose)
	last := endless || !t.req.persistent() || !t.requestIsOver() || t.client.leaving()

	t.begun = true
	b.atEnd = func() { t.answered(resp, how) }
	if b.ended {
		b.atEnd()
	}
	if _, err := io.WriteString(t.client, responseHead(t.req, resp, b, chunked, last)); err != nil {
		return false, errClientGone
	}
	if err := pass(t.client, patient(t, b), chunked, func([]byte) {}); err != nil {
		return false, err
	}
	if last && !endless {
		t.client.linger()
	}
	return !last, nil
}

// answered gives the upstream free when the last octet of its answer has been
// read. The client has yet to get it: whoever is told that a request is over
// may count on it.
func (t *try) answered(resp *response, how framing) {
	if how != byClose && t.whole && t.result == nil && persistent(resp.minor, resp.fields) {
		t.kept = true
		t.upstream.keep(t.link)
	}
	t.over()
}

// requestIsOver reports whether the request has been read to its end, waiting
// a moment for what is on its way: an answer may come before the end of what
// it answers, and then the connection is of no further use.
func (t *try) requestIsOver() bool {
	if !t.whole {
		select {
		case t.result = <-t.sent:
			t.whole = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	return t.whole && t.result == nil
}

// patient gives the upstream its time for each read of its body.
func patient(t *try, b *body) *body {
	if b.source != nil {
		b.source = &clocked{b.source, t}
	}
	return b
}

type clocked struct {
	io.Reader
	try *try
}

func (c *clocked) Read(p []byte) (int, error) {
	c.try.link.SetReadDeadline(time.Now().Add(c.try.proxy.read))
	return c.Reader.Read(p)
}

// end closes the connection to the upstream, unless it is kept, and waits
// until nobody reads the client's body any more.
func (t *try) end() {
	if t.kept {
		return
	}
	t.link.Close()
	if !t.whole {
		t.client.conn.SetReadDeadline(time.Now())
		<-t.sent
		t.whole = true
	}
}
