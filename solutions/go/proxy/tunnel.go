package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// connect makes a tunnel to an address in the list (RFC 9110 §9.3.6).
func (p *proxy) connect(e *exchange) bool {
	if p.allow == nil {
		return e.fail(&statusError{code: 405, why: "this proxy makes no tunnels", closes: true,
			fields: "Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"})
	}
	if e.body.framing != unframed {
		return e.fail(badRequest("CONNECT has no content"))
	}
	address := strings.ToLower(e.req.target)
	if !p.allow[address] {
		return e.fail(&statusError{code: 403, why: "this proxy does not lead there"})
	}
	dialer := net.Dialer{Timeout: p.settings.connect, Deadline: e.deadline}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return e.fail(connectError(err))
	}
	defer conn.Close()
	if _, err := io.WriteString(e.client, "HTTP/1.1 200 Connection established\r\n\r\n"); err == nil {
		e.client.tunnel(conn, conn)
	}
	return false
}

// switchProtocols passes the 101 on, and from then on bytes as they are.
func (t *try) switchProtocols(resp *response) error {
	if !t.requestIsOver() {
		return t.broken(badRequest("a change of protocol before the end of the request"))
	}
	var h head
	fmt.Fprintf(&h, "HTTP/1.1 101 %s\r\n", resp.reason)
	h.lines(passed(resp.fields, nil))
	h.add("Connection", "upgrade")
	for _, kind := range resp.fields.all("upgrade") {
		h.add("Upgrade", kind)
	}
	t.begun = true
	if _, err := io.WriteString(t.client, h.String()+"\r\n"); err == nil {
		t.link.SetDeadline(time.Time{})
		t.client.tunnel(t.link.Conn, t.link.in)
	}
	return nil
}

// tunnel carries bytes both ways until both sides have ended. The end of one
// side is passed on, and the other goes on. from reads what conn sends, and
// what was read of it already.
func (c *client) tunnel(conn net.Conn, from io.Reader) {
	if !c.enterTunnel() {
		return
	}
	done := make(chan error, 2)
	carry := func(to net.Conn, from io.Reader) {
		_, err := io.Copy(to, from)
		closeWrite(to)
		done <- err
	}
	go carry(conn, c.in)
	go carry(c.conn, from)
	if err := <-done; err != nil { // broken, not ended: the other way has no use
		conn.Close()
		c.conn.Close()
	}
	<-done
}

func (c *client) enterTunnel() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proxy.draining.Load() {
		return false
	}
	c.phase = phaseTunnel
	c.conn.SetDeadline(time.Time{})
	return true
}
