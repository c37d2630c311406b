package main

import (
	"errors"
	"io"
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

// replayable reports whether the request can be sent once more as it was.
// A chunked body that was interrupted may have lost half a line.
func (e *exchange) replayable() bool {
	return replayable[e.req.method] && !e.body.overflow && (e.body.framing != byChunks || e.body.ended)
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
	last := status.closes || !e.req.persistent() || !e.skippable() || c.leaving()
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
