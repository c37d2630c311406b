package main

import (
	"errors"
	"net"
	"sync"
)

const (
	outboxLimit = 32 << 20 // of messages for one that does not read
	outboxReady = 64 << 10 // below it, the client's own commands go on
)

var errOutbox = errors.New("more messages than the client reads")

// An outbox holds what is on its way to a client that others may write to. A
// goroutine of its own sends it, so that who publishes never waits for a
// reader.
type outbox struct {
	log *appendLog
	tcp *net.TCPConn

	mu       sync.Mutex
	changed  *sync.Cond
	waiting  replies
	sending  int   // octets
	position int64 // of the log, to be kept before waiting is sent
	closed   bool
	err      error
	done     chan struct{}
}

func newOutbox(log *appendLog, tcp *net.TCPConn) *outbox {
	o := &outbox{log: log, tcp: tcp, done: make(chan struct{})}
	o.changed = sync.NewCond(&o.mu)
	go o.send()
	return o
}

// add appends what was written, and never waits. A client that lets more
// pile up than the limit loses its connection.
func (o *outbox) add(r *replies, position int64) {
	if r.len() == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	if o.waiting.len() > 0 && o.sending+o.waiting.len()+r.len() > outboxLimit {
		o.fail(errOutbox)
		return
	}
	o.waiting.append(r)
	o.position = max(o.position, position)
	o.changed.Broadcast()
}

// wait returns when the client has taken most of what there is.
func (o *outbox) wait() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && o.sending+o.waiting.len() > outboxReady {
		o.changed.Wait()
	}
	return o.err
}

// finish sends what is left, and ends.
func (o *outbox) finish() {
	o.mu.Lock()
	o.closed = true
	o.changed.Broadcast()
	o.mu.Unlock()
	<-o.done
}

// send writes what is waiting, until the outbox is finished or has failed.
func (o *outbox) send() {
	defer close(o.done)
	for {
		next, position := o.next()
		if next == nil {
			return
		}
		o.log.commit(position)
		_, err := next.WriteTo(o.tcp)
		o.mu.Lock()
		o.sending = 0
		if err != nil {
			o.fail(err)
		}
		o.changed.Broadcast()
		o.mu.Unlock()
	}
}

// next takes all that is waiting; nil when there will be no more.
func (o *outbox) next() (net.Buffers, int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && o.waiting.len() == 0 && !o.closed {
		o.changed.Wait()
	}
	if o.err != nil || o.waiting.len() == 0 {
		return nil, 0
	}
	o.sending = o.waiting.len()
	return o.waiting.take(), o.position
}

// fail ends the connection, and who waits for it. mu is held.
func (o *outbox) fail(err error) {
	o.err = err
	o.waiting.clear()
	o.tcp.Close()
	o.changed.Broadcast()
}
