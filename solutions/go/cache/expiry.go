package main

import (
	"container/heap"
	"math"
	"strconv"
)

var expiryCommands = []command{
	{"EXPIRE", -3, writes | fast, oneKey, expireCommand(1000, true)},
	{"PEXPIRE", -3, writes | fast, oneKey, expireCommand(1, true)},
	{"EXPIREAT", -3, writes | fast, oneKey, expireCommand(1000, false)},
	{"PEXPIREAT", -3, writes | fast, oneKey, expireCommand(1, false)},
	{"TTL", 2, fast, oneKey, lifetimeCommand(1000, true)},
	{"PTTL", 2, fast, oneKey, lifetimeCommand(1, true)},
	{"EXPIRETIME", 2, fast, oneKey, lifetimeCommand(1000, false)},
	{"PEXPIRETIME", 2, fast, oneKey, lifetimeCommand(1, false)},
	{"PERSIST", 2, writes | fast, oneKey, persist},
}

// expiries is a heap of the keys that end, the next one on top.
type expiries []*entry

func (h expiries) Len() int           { return len(h) }
func (h expiries) Less(i, j int) bool { return h[i].ends < h[j].ends }

func (h expiries) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *expiries) Push(x any) {
	e := x.(*entry)
	e.place = len(*h)
	*h = append(*h, e)
}

func (h *expiries) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	e.place = -1
	return e
}

// setEnd sets when a key ends, 0 for never.
func (k *keyspace) setEnd(e *entry, ends int64) {
	e.ends = ends
	switch {
	case e.place < 0 && ends != 0:
		heap.Push(&k.expiring, e)
	case e.place >= 0 && ends != 0:
		heap.Fix(&k.expiring, e.place)
	case e.place >= 0:
		heap.Remove(&k.expiring, e.place)
	}
}

// over reports whether the lifetime of a key is over.
func (k *keyspace) over(e *entry) bool { return e.ends != 0 && e.ends <= k.now }

func (k *keyspace) expire(e *entry) {
	k.expired++
	k.discard(e)
}

// removeDue removes up to limit keys that are over, and reports whether it
// came to the limit.
func (k *keyspace) removeDue(limit int) bool {
	for range limit {
		if len(k.expiring) == 0 || !k.over(k.expiring[0]) {
			return false
		}
		k.expire(k.expiring[0])
	}
	return true
}

// momentOf reads a time in units of so many milliseconds, from now on or since
// 1970, and returns milliseconds since 1970.
func (s *session) momentOf(argument []byte, unit int64, fromNow bool, by []byte) (int64, error) {
	number, err := integerOf(argument)
	if err != nil {
		return 0, err
	}
	invalid := failure("ERR invalid expire time in '" + lower(by) + "' command")
	if number > math.MaxInt64/unit || number < math.MinInt64/unit {
		return 0, invalid
	}
	number *= unit
	if fromNow {
		now := s.cache.keys.now
		if number > math.MaxInt64-now {
			return 0, invalid
		}
		number += now
	}
	return number, nil
}

func expireCommand(unit int64, fromNow bool) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		ends, err := s.momentOf(args[2], unit, fromNow, args[0])
		if err != nil {
			return err
		}
		allows, err := expireCondition(args[3:])
		if err != nil {
			return err
		}
		keys := &s.cache.keys
		e := keys.find(args[1])
		if e == nil || !allows(e.ends, ends) {
			s.replies.integer(0)
			return nil
		}
		if ends <= keys.now {
			keys.remove(e)
			s.instead([]byte("DEL"), args[1])
		} else {
			keys.setEnd(e, ends)
			keys.changed(e)
			s.instead([]byte("PEXPIREAT"), args[1], strconv.AppendInt(nil, ends, 10))
		}
		s.replies.integer(1)
		return nil
	}
}

// expireCondition reads the options: when a key that ends at one time may be
// made to end at another. A key that never ends counts as one that ends last.
func expireCondition(options [][]byte) (func(from, to int64) bool, error) {
	var nx, xx, gt, lt bool
	for _, option := range options {
		switch {
		case is(option, "NX"):
			nx = true
		case is(option, "XX"):
			xx = true
		case is(option, "GT"):
			gt = true
		case is(option, "LT"):
			lt = true
		default:
			return nil, failure("ERR Unsupported option " + string(option))
		}
	}
	if nx && (xx || gt || lt) {
		return nil, failure("ERR NX and XX, GT or LT options at the same time are not compatible")
	}
	if gt && lt {
		return nil, failure("ERR GT and LT options at the same time are not compatible")
	}
	return func(from, to int64) bool {
		switch {
		case nx && from != 0, xx && from == 0:
			return false
		case gt && (from == 0 || to <= from), lt && from != 0 && to >= from:
			return false
		}
		return true
	}, nil
}

const (
	noLifetime = -1
	noKey      = -2
)

func lifetimeCommand(unit int64, fromNow bool) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		keys := &s.cache.keys
		switch e := keys.find(args[1]); {
		case e == nil:
			s.replies.integer(noKey)
		case e.ends == 0:
			s.replies.integer(noLifetime)
		case fromNow:
			s.replies.integer((e.ends - keys.now + unit/2) / unit)
		default:
			s.replies.integer((e.ends + unit/2) / unit)
		}
		return nil
	}
}

func persist(s *session, args [][]byte) error {
	keys := &s.cache.keys
	e := keys.find(args[1])
	if e == nil || e.ends == 0 {
		s.replies.integer(0)
		return nil
	}
	keys.setEnd(e, 0)
	keys.changed(e)
	s.replies.integer(1)
	return nil
}
