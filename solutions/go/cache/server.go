package main

import (
	"errors"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	drainGrace = 100 * time.Millisecond // for what is on its way at SIGTERM
	drainLimit = 3 * time.Second        // for all of it
)

// A server owns the open connections.
type server struct {
	cache    *cache
	draining atomic.Bool
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
	ends  time.Time // of the drain
}

func newServer(c *cache) *server {
	return &server{cache: c, conns: map[*conn]struct{}{}}
}

// accept serves the listener until it is closed.
func (s *server) accept(listener net.Listener) {
	for {
		accepted, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// Out of descriptors, or a client gone before its turn: both pass.
			log.Printf("accept: %v", err)
			time.Sleep(10 * time.Millisecond)
		default:
			s.start(accepted.(*net.TCPConn))
		}
	}
}

// start serves a connection, unless the server is draining. The lock keeps
// running.Add from racing with the Wait in drain.
func (s *server) start(tcp *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		tcp.Close()
		return
	}
	c := newConn(s, tcp)
	s.conns[c] = struct{}{}
	s.running.Add(1)
	go func() {
		defer s.forget(c)
		c.serve()
	}()
}

func (s *server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.running.Done()
}

// drain answers what has arrived, and ends every connection.
func (s *server) drain() {
	s.mu.Lock()
	s.ends = time.Now().Add(drainLimit)
	s.draining.Store(true)
	for c := range s.conns {
		c.tcp.SetWriteDeadline(s.ends)
		s.hurry(c)
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(drainLimit + drainGrace):
		log.Print("some clients did not take their replies")
	}
}

// hurry lets a read wait no longer than a moment while the server drains. A
// deadline in the past would fail without looking at what has arrived.
func (s *server) hurry(c *conn) {
	if !s.draining.Load() {
		return
	}
	deadline := time.Now().Add(drainGrace)
	if deadline.After(s.ends) {
		deadline = s.ends
	}
	c.tcp.SetReadDeadline(deadline)
}
