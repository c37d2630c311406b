package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

// An exchange is one request on its way, through one try or several.
type exchange struct {
	proxy    *proxy
	client   *client
	req      *request
	target   string
	host     string
	body     *sentBody
	deadline time.Time // for the head of the answer
	begun    bool      // something of an answer has gone to the client
}

// handle sends a request on and answers it. It reports whether the client's
// connection can serve another.
func (p *proxy) handle(c *client, req *request) bool {
	e := &exchange{proxy: p, client: c, req: req, deadline: time.Now().Add(p.total)}
	how, length, err := requestFraming(req)
	if err != nil {
		return e.fail(err)
	}
	e.body = &sentBody{body: newBody(how, length, c.in)}
	if req.method == "CONNECT" {
		return p.connect(e)
	}
	if done, keep := e.isForUs(); done {
		return keep
	}
	group, err := e.aim()
	if err != nil {
		return e.fail(err)
	}
	p.budget.request()
	return e.tries(group)
}

// aim finds where the request goes, and with which target and Host.
func (e *exchange) aim() (*group, error) {
	if hosts := e.req.fields.all("host"); len(hosts) > 0 {
		e.host = hosts[0]
	}
	authority, origin, absolute := cutAbsolute(e.req.target)
	if absolute {
		e.host = authority
		if e.proxy.allow != nil {
			e.target = origin
			return e.proxy.allowedGroup(authority)
		}
		e.req.target = origin
	}
	group, target, err := e.proxy.find(e.req)
	e.target = target
	return group, err
}

// allowedGroup is the one server that an absolute target names.
func (p *proxy) allowedGroup(authority string) (*group, error) {
	address := withPort(authority)
	if !p.allow[address] {
		return nil, &statusError{code: 403, why: "this proxy does not lead there"}
	}
	found, _ := p.allowed.LoadOrStore(address, newUpstream(address, p.settings))
	return newGroup([]*upstream{found.(*upstream)}, []int{0}, "round_robin"), nil
}

// isForUs answers what has come far enough (RFC 9110 §7.6.2).
func (e *exchange) isForUs() (done, keep bool) {
	values := e.req.fields.all("max-forwards")
	if len(values) != 1 || e.req.method != "OPTIONS" && e.req.method != "TRACE" || !isDigits(values[0]) {
		return false, false
	}
	if n, err := strconv.Atoi(values[0]); err == nil && n > 0 {
		for i := range e.req.fields {
			if e.req.fields[i].key == "max-forwards" {
				e.req.fields[i].value = strconv.Itoa(n - 1)
			}
		}
		return false, false
	}
	if e.req.method == "OPTIONS" {
		return true, e.answer(&statusError{code: 204, fields: "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"})
	}
	return true, e.answer(&statusError{code: 405, why: "this proxy does not show what it was sent",
		fields: "Allow: OPTIONS\r\n"})
}

// tries sends the request until an answer begins, or nothing more may be done.
func (e *exchange) tries(g *group) bool {
	var tried []*upstream
	retries := 0
	for {
		u := g.choose(e.target, tried)
		if u == nil {
			return e.fail(&statusError{code: 503, why: "no upstream is in"})
		}
		tried = append(tried, u)
		keep, err := e.try(u, false)
		if errors.Is(err, errStale) {
			keep, err = e.try(u, true)
		}
		if err == nil {
			return keep
		}
		var broken *tryError
		if e.begun || !errors.As(err, &broken) || !broken.again(e) ||
			retries >= e.proxy.retries || !e.proxy.budget.retry() {
			return e.fail(err)
		}
		retries++
	}
}

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

// replayable reports whether the request can be sent once more as it was.
// A chunked body that was interrupted may have lost half a line.
func (e *exchange) replayable() bool {
	return replayable[e.req.method] && !e.body.overflow && (e.body.framing != byChunks || e.body.ended)
}

var errStale = errors.New("a kept connection turned out to be closed")

// try sends the request to one upstream and passes its answer on.
func (e *exchange) try(u *upstream, fresh bool) (keep bool, err error) {
	u.underWay.Add(1)
	defer u.underWay.Add(-1)

	l, err := u.connect(fresh, e.deadline)
	if err != nil {
		u.report(false)
		return false, connectError(err)
	}
	t := &try{exchange: e, upstream: u, link: l, sent: make(chan error, 1)}
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
	reuse    bool
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
	last := endless || !persistent(t.req.minor, t.req.fields) || !t.requestIsOver() || t.client.leaving()

	t.begun = true
	if _, err := io.WriteString(t.client, responseHead(t.req, resp, b, chunked, last)); err != nil {
		return false, errClientGone
	}
	if err := pass(t.client, patient(t, b), chunked, func([]byte) {}); err != nil {
		return false, err
	}
	t.reuse = how != byClose && t.whole && t.result == nil && persistent(resp.minor, resp.fields)
	if last && !endless {
		t.client.linger()
	}
	return !last, nil
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

// end keeps the connection to the upstream or closes it, and waits until
// nobody reads the client's body any more.
func (t *try) end() {
	if t.reuse {
		t.upstream.keep(t.link)
		return
	}
	t.link.Close()
	if !t.whole {
		t.client.conn.SetReadDeadline(time.Now())
		<-t.sent
		t.whole = true
	}
}

// fail answers an error, unless an answer has begun or nobody is there.
func (e *exchange) fail(err error) bool {
	var status *statusError
	if e.begun || !errors.As(err, &status) {
		return false // closing tells the client that it is not all
	}
	return e.answer(status)
}

// answer says something of our own, and keeps the connection where what is
// left of the body is worth reading.
func (e *exchange) answer(status *statusError) bool {
	c := e.client
	last := status.closes || !persistent(e.req.minor, e.req.fields) || !e.skippable() || c.leaving()
	if c.say(e.req, status, last) != nil {
		return false
	}
	if last {
		c.linger()
		return false
	}
	io.CopyN(io.Discard, e.body, skipBytes+1)
	return e.body.ended
}

// skippable: a client that waits for 100 (Continue) may send its body or not
// after the final answer, so nothing can follow it.
func (e *exchange) skippable() bool {
	if e.body == nil {
		return false
	}
	return e.body.ended || e.body.length <= skipBytes && !e.req.fields.has("expect")
}
