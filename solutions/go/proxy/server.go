package main

import (
	"errors"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const drainLimit = time.Minute

// A proxy is all that clients share.
type proxy struct {
	*settings
	all    *group   // every upstream, for targets without routes
	groups []*group // of each route

	allowed sync.Map // address → *upstream, of the forward proxy
	budget  *budget

	draining atomic.Bool
	running  sync.WaitGroup

	mu      sync.Mutex
	clients map[*client]struct{}
}

func newProxy(s *settings) *proxy {
	p := &proxy{settings: s, budget: newBudget(s.retryPercent), clients: map[*client]struct{}{}}
	upstreams := make([]*upstream, len(s.upstreams))
	places := make([]int, len(s.upstreams))
	for i, address := range s.upstreams {
		upstreams[i] = newUpstream(address, s)
		upstreams[i].weight = s.weights[i]
		places[i] = i
	}
	p.all = newGroup(upstreams, places, s.policy)
	for _, route := range s.routes {
		p.groups = append(p.groups, newGroup(upstreams, route.To, s.policy))
	}
	return p
}

// accept serves the listener until it is closed.
func (p *proxy) accept(listener net.Listener, arrive arrive) {
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
			c := newClient(p, accepted)
			if !p.register(c) {
				accepted.Close()
				return
			}
			go func() {
				defer p.forget(c)
				c.serve(arrive)
			}()
		}
	}
}

// register counts the client, unless the proxy is draining. The lock keeps
// running.Add from racing with the Wait in drain.
func (p *proxy) register(c *client) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.draining.Load() {
		return false
	}
	p.clients[c] = struct{}{}
	p.running.Add(1)
	return true
}

func (p *proxy) forget(c *client) {
	p.mu.Lock()
	delete(p.clients, c)
	p.mu.Unlock()
	p.running.Done()
}

// drain ends idle clients and tunnels, and waits for what was begun.
func (p *proxy) drain() error {
	p.mu.Lock()
	p.draining.Store(true)
	for c := range p.clients {
		c.hurry()
	}
	p.mu.Unlock()

	done := make(chan struct{})
	go func() {
		p.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(drainLimit):
		return errors.New("some requests did not end within a minute of the signal")
	}
}
