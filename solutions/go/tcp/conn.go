package main

import (
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// A conn is a TCP connection whose reads and writes give up on a peer from
// which, or to which, nothing has moved for the server's idle time.
type conn struct {
	*net.TCPConn
	server *server
}

// Read waits for the idle time at most. Any byte starts the time anew,
// because the next Read sets the deadline again.
func (c *conn) Read(p []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(c.server.idle))
	// Looked at after the line above: whichever of this goroutine and drain
	// comes last, the short deadline is the one that stays.
	if c.server.draining.Load() {
		c.hurry()
	}
	return c.TCPConn.Read(p)
}

// hurry gives what is already on its way a last moment to be read. A deadline
// in the past would not do: Read then fails without looking at the socket.
func (c *conn) hurry() {
	c.SetReadDeadline(time.Now().Add(drainGrace))
}

// Write writes all of p. A slow reader may take as long as it likes, as long
// as some bytes move within each idle time.
func (c *conn) Write(p []byte) (int, error) {
	total := 0
	for {
		c.SetWriteDeadline(time.Now().Add(c.server.idle))
		n, err := c.TCPConn.Write(p[total:])
		total += n
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		return total, err
	}
}

// ReadFrom hides the one of TCPConn, which would pass by the deadlines.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// WriteTo hides the one of TCPConn, for the same reason.
func (c *conn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}

// linger closes a connection whose client may still be sending. To close with
// bytes unread sends RST, which can overtake the last answer; so the FIN goes
// first, and what still comes is thrown away, for a bounded time and amount.
func (c *conn) linger() {
	c.CloseWrite()
	c.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.TCPConn, lingerBytes)
	c.Close()
}

// abort closes at once and throws away what the kernel holds for the peer.
func (c *conn) abort() {
	c.SetLinger(0)
	c.Close()
}
