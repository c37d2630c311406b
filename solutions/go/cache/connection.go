package main

import (
	"errors"
	"io"
	"net"
	"time"
)

const (
	flushSize = 64 << 10 // of replies that wait for more of them

	lingerTime  = time.Second
	lingerBytes = 1 << 20 // thrown away after the last reply, so that it is seen
)

// A conn is one client: commands are read, executed and answered in order.
type conn struct {
	server  *server
	tcp     *net.TCPConn
	in      *commandReader
	session *session
}

func newConn(s *server, tcp *net.TCPConn) *conn {
	c := &conn{server: s, tcp: tcp}
	c.in = newCommandReader(c)
	c.session = s.cache.join(c.openBox)
	return c
}

// serve answers commands until one side wants to close.
func (c *conn) serve() {
	defer c.tcp.Close()
	err := c.converse()
	c.server.cache.leave(c.session)
	if box := c.session.box; box != nil {
		box.finish()
	}
	if err == nil {
		c.linger()
	}
}

// converse returns nil when a last reply is on its way.
func (c *conn) converse() error {
	s := c.session
	for !s.leaving {
		args, err := c.in.next()
		if broken := protocolError(""); errors.As(err, &broken) {
			s.cache.refuse(s, broken)
			break
		}
		if err != nil {
			return err
		}
		s.cache.execute(s, args)
		if s.replies.len() >= flushSize {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return c.flush()
}

// Read reads from the client. Replies leave just before it may block, so that
// as many as were asked for at once leave at once.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	c.server.hurry(c)
	return c.tcp.Read(p)
}

// flush sends the replies when all that they tell of is safe. A client that
// does not read them waits here, and asks for nothing more.
func (c *conn) flush() error {
	s := c.session
	if s.box != nil {
		return s.box.wait()
	}
	if s.replies.len() == 0 {
		return nil
	}
	s.cache.log.commit(s.position)
	err := c.write(&s.replies)
	s.replies.clear()
	return err
}

func (c *conn) write(r *replies) error {
	if len(r.before) == 0 {
		_, err := c.tcp.Write(r.buf)
		return err
	}
	all := r.take()
	_, err := all.WriteTo(c.tcp)
	return err
}

// openBox lets others send to this client, too.
func (c *conn) openBox() *outbox {
	return newOutbox(c.server.cache.log, c.tcp)
}

// linger ends our side and throws away what the client still sends. To close
// with octets unread would send RST, which can destroy the last reply before
// the client has read it.
func (c *conn) linger() {
	c.tcp.CloseWrite()
	c.tcp.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.tcp, lingerBytes)
}
