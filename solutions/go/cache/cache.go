package main

import (
	"context"
	"sync"
	"time"
)

// A cache is what all clients share. Everything in it is guarded by mu.
type cache struct {
	settings *settings
	log      *appendLog // nil: nothing outlives the program

	mu     sync.Mutex
	keys   keyspace
	topics topics
	limits limits
	ahead  time.Duration // of the machine's clock, by CLOCK ADVANCE

	started  time.Time
	lastID   int64
	sessions int
	accepted int64
	commands int64
}

func newCache(s *settings) *cache {
	return &cache{
		settings: s,
		keys:     keyspace{watchers: map[string][]*session{}},
		topics:   newTopics(),
		limits:   limits{policy: "noeviction", samples: 5},
		started:  time.Now(),
	}
}

// setTime lets the keyspace's clock catch up. mu is held.
func (c *cache) setTime() {
	now := time.Now().Add(c.ahead)
	c.keys.now, c.keys.instant = now.UnixMilli(), now.UnixNano()
}

// execute runs one command for a session. The replies may leave when the log is
// safe up to where it ends now: also what was only read can be the change of
// another, which a crash would take back.
func (c *cache) execute(s *session, args [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTime()
	c.commands++
	s.dispatch(args)
	s.position = c.log.seal()
	s.handOver()
}

const (
	tickTime  = 100 * time.Millisecond
	tickCount = 1000 // keys that are removed before others have a turn
	flushTime = time.Second
)

// tick does what is due though nobody asks for it, until ctx ends.
func (c *cache) tick(ctx context.Context) {
	flushed := time.Now()
	for ctx.Err() == nil {
		for c.removeDue() {
		}
		if time.Since(flushed) >= flushTime {
			flushed = time.Now()
			c.log.flush()
		}
		time.Sleep(tickTime)
	}
}

// removeDue removes some of the keys that are over, and reports whether there
// may be more.
func (c *cache) removeDue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setTime()
	more := c.keys.removeDue(tickCount)
	c.log.seal()
	return more
}
