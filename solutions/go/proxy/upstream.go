package main

import (
	"bufio"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxIdle = 16
	// A little less than what servers usually wait, so that mostly we close.
	maxIdleTime = 4 * time.Second
)

// An upstream is one server behind the proxy, and the connections to it.
type upstream struct {
	address  string
	weight   int
	settings *settings
	underWay atomic.Int64

	mu           sync.Mutex
	idle         []*link
	sick         bool
	failures     int
	ejectedUntil time.Time
}

func newUpstream(address string, s *settings) *upstream {
	return &upstream{address: address, weight: 1, settings: s}
}

// A link is one connection to an upstream.
type link struct {
	net.Conn
	in   *bufio.Reader
	used bool
	idle time.Time
}

// connect gives a connection, a kept one where fresh does not forbid it.
func (u *upstream) connect(fresh bool, deadline time.Time) (*link, error) {
	for !fresh {
		kept := u.take()
		if kept == nil {
			break
		}
		if kept.quiet() {
			return kept, nil
		}
		kept.Close()
	}
	dialer := net.Dialer{Timeout: u.settings.connect, Deadline: deadline}
	conn, err := dialer.Dial("tcp", u.address)
	if err != nil {
		return nil, err
	}
	return &link{Conn: conn, in: bufio.NewReader(conn)}, nil
}

// take gives the connection that was used last: it is the least likely to be
// closed by the other side meanwhile.
func (u *upstream) take() *link {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.idle) == 0 {
		return nil
	}
	last := len(u.idle) - 1
	kept := u.idle[last]
	u.idle = u.idle[:last]
	return kept
}

// keep puts a connection back whose answer has been read to its end.
func (u *upstream) keep(l *link) {
	l.SetDeadline(time.Time{})
	l.used, l.idle = true, time.Now()
	u.mu.Lock()
	u.idle = append(u.idle, l)
	var gone []*link
	for len(u.idle) > maxIdle || len(u.idle) > 0 && time.Since(u.idle[0].idle) > maxIdleTime {
		gone = append(gone, u.idle[0])
		u.idle = u.idle[1:]
	}
	u.mu.Unlock()
	for _, l := range gone {
		l.Close()
	}
}

// quiet reports whether nothing has come on an idle connection: neither its
// end, nor bytes that nobody asked for, which could pass for an answer.
func (l *link) quiet() bool {
	if l.in.Buffered() > 0 || time.Since(l.idle) > maxIdleTime {
		return false
	}
	raw, err := l.Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = err == syscall.EAGAIN
		return true
	})
	return silent
}
