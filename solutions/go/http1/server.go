package main

import (
	"errors"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// drainLimit ends a drain that a client keeps from ending. It is longer than
// the longest answer, and than the stalls that conn.go allows.
const drainLimit = time.Minute

// A server owns the open connections.
type server struct {
	router   *router
	draining atomic.Bool
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newServer(r *router) *server {
	return &server{router: r, conns: map[*conn]struct{}{}}
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
			c := newConn(s, accepted.(*net.TCPConn))
			if !s.register(c) {
				c.tcp.Close()
				return
			}
			go func() {
				defer s.forget(c)
				c.serve()
			}()
		}
	}
}

// register counts the connection, unless the server is draining. The lock
// keeps running.Add from racing with the Wait in drain.
func (s *server) register(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false
	}
	s.conns[c] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.running.Done()
}

// drain ends idle connections and waits for the requests already begun.
func (s *server) drain() error {
	s.mu.Lock()
	s.draining.Store(true)
	for c := range s.conns {
		c.hurry()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(drainLimit):
		return errors.New("some requests did not end within a minute of the signal")
	}
}
