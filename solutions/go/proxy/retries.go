package main

import (
	"sync"
	"time"
)

const (
	budgetSeconds = 10
	alwaysAllowed = 3
)

// A budget bounds tries again to a share of the requests of the last seconds:
// without one, an upstream that is slow gets more the slower it is.
type budget struct {
	percent int

	mu       sync.Mutex
	requests [budgetSeconds]int
	retries  [budgetSeconds]int
	second   int64 // which the last slot counts
}

func newBudget(percent int) *budget { return &budget{percent: percent} }

func (b *budget) request() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests[b.slot()]++
}

// retry reports whether one more is allowed, and counts it then.
func (b *budget) retry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	slot, requests, retries := b.slot(), 0, 0
	for i := range b.requests {
		requests += b.requests[i]
		retries += b.retries[i]
	}
	if retries >= max(alwaysAllowed, requests*b.percent/100) {
		return false
	}
	b.retries[slot]++
	return true
}

// slot returns the place of this second, and empties those in between.
func (b *budget) slot() int {
	now := time.Now().Unix()
	for passed := min(now-b.second, budgetSeconds); passed > 0; passed-- {
		slot := (now - passed + 1) % budgetSeconds
		b.requests[slot], b.retries[slot] = 0, 0
	}
	b.second = now
	return int(now % budgetSeconds)
}

// replayable are methods that may be sent twice: the second time changes
// nothing that the first has not (RFC 9110 §9.2.2).
var replayable = map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "PUT": true, "DELETE": true}

const keptBody = 64 << 10

// A sentBody keeps what has been sent of a body, as long as it is little, so
// that it can be sent once more.
type sentBody struct {
	*body
	kept     []byte
	overflow bool
}

func (s *sentBody) note(piece []byte) {
	if s.overflow || len(s.kept)+len(piece) > keptBody {
		s.overflow, s.kept = true, nil
		return
	}
	s.kept = append(s.kept, piece...)
}
