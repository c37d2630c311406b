package main

import (
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// slotGrace is how long a connection waits for a place when all are
	// taken. The end of one connection and the start of the next may reach
	// two goroutines in either order; the wait puts them right.
	slotGrace = 50 * time.Millisecond
	// drainGrace is the silence after which a draining server believes that
	// everything sent before the signal has been read.
	drainGrace = 100 * time.Millisecond
	// drainLimit ends the connections that are still busy after the signal.
	drainLimit = 3 * time.Second
)

// errRefused is what a handler returns when it ends the connection while the
// client may still be sending.
var errRefused = errors.New("refused")

// A service says what one listener does with its connections.
type service struct {
	handle func(*conn) error // returns when the connection is to be closed
	busy   string            // what a client hears when the server is full
}

// A server owns the listeners, the open connections, and their number.
type server struct {
	idle      time.Duration
	slots     chan struct{} // holds one token for each connection served
	listeners []net.Listener
	draining  atomic.Bool
	running   sync.WaitGroup // one for each connection, served or refused

	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newServer(idle time.Duration, limit int) *server {
	return &server{idle: idle, slots: make(chan struct{}, limit), conns: map[*conn]struct{}{}}
}

func (s *server) listening() bool { return len(s.listeners) > 0 }

// listen opens address and serves it until drain.
func (s *server) listen(address string, to service) error {
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return err
	}
	s.listeners = append(s.listeners, listener)
	go s.accept(listener, to)
	return nil
}

func (s *server) accept(listener net.Listener, to service) {
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
			c := &conn{TCPConn: accepted.(*net.TCPConn), server: s}
			if !s.register(c) {
				c.Close()
				return
			}
			go s.admit(c, to)
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

// admit serves the connection when a place is free, and refuses it otherwise.
func (s *server) admit(c *conn, to service) {
	defer s.forget(c)
	if !s.takeSlot() {
		io.WriteString(c, to.busy)
		c.linger()
		return
	}
	defer func() { <-s.slots }()
	if err := to.handle(c); errors.Is(err, errRefused) {
		c.linger()
	}
	c.Close() // before the place is given back: it counts open connections
}

func (s *server) takeSlot() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(slotGrace)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// drain stops accepting, lets what has arrived be answered, and returns when
// every connection has ended, drainLimit at the latest.
func (s *server) drain() {
	for _, listener := range s.listeners {
		listener.Close()
	}
	s.eachConn(func() { s.draining.Store(true) }, (*conn).hurry)

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(drainLimit):
		s.eachConn(nil, (*conn).abort)
	}
}

// eachConn runs first, then visit for each open connection, under the lock.
func (s *server) eachConn(first func(), visit func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first != nil {
		first()
	}
	for c := range s.conns {
		visit(c)
	}
}
