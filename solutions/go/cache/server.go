package main

import (
	"errors"
	"log"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	acceptGrace = 20 * time.Millisecond  // for who has connected, and waits to be accepted
	drainGrace  = 100 * time.Millisecond // for what is on its way at SIGTERM
	drainLimit  = 2 * time.Second        // for all of it
)

// A server owns the open connections.
type server struct {
	cache    *cache
	listener *net.TCPListener
	accepted chan struct{} // closed when there will be no more connections
	draining atomic.Bool
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
	ends  time.Time // of the drain
}

func newServer(c *cache, l *net.TCPListener) *server {
	return &server{
		cache:    c,
		listener: l,
		accepted: make(chan struct{}),
		conns:    map[*conn]struct{}{},
	}
}

// accept serves the listener until it has a deadline.
func (s *server) accept() {
	defer close(s.accepted)
	for {
		tcp, err := s.listener.AcceptTCP()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return
		case err != nil:
			// Out of descriptors, or a client gone before its turn: both pass.
			log.Printf("accept: %v", err)
			time.Sleep(10 * time.Millisecond)
		default:
			s.start(tcp)
		}
	}
}

func (s *server) start(tcp *net.TCPConn) {
	c := newConn(s, tcp)
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
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

// drain takes no new connection, answers what has arrived, and ends.
func (s *server) drain() {
	s.listener.SetDeadline(time.Now().Add(acceptGrace))
	<-s.accepted
	s.listener.Close()

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
