package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"time"
)

// reading is how a pattern answers GET. All do it in the same way, and differ in
// what they keep, for how long, and in when they ask the origin again.
type reading struct {
	pattern string
	cache   *cache
	origin  *origin

	life   time.Duration          // of a value
	none   time.Duration          // of a 404; 0: it is not kept
	beyond time.Duration          // how long a value may be answered behind its life
	due    func(found entry) bool // whether to fetch it anew, behind the answer

	anew flights
}

func (r *reading) name(key string) string { return r.pattern + ":" + key }

// get answers from the cache, or asks the origin and stores what that says.
func (r *reading) get(key string) answer {
	v := r.cache.visit()
	found, octets := r.cache.look(v, r.name(key))
	if found.kind == 0 {
		got := r.origin.get(key)
		r.keep(v, key, octets, got)
		return got
	}
	if r.due != nil && r.due(found) {
		r.anew.join(key, func() answer { return r.fetch(key, octets) })
	}
	return found.answer()
}

// keep puts what the origin said in the place of a lease, or of an older entry.
// A failure is not kept, so the lease goes; nor is a 404, for most patterns.
func (r *reading) keep(v *visit, key string, seen []byte, got answer) {
	switch got.status {
	case 200:
		r.cache.swap(v, r.name(key), seen, got.kept(r.life), r.life+r.beyond)
	case 404:
		r.cache.swap(v, r.name(key), seen, got.kept(r.none), r.none)
	default:
		r.cache.swap(v, r.name(key), seen, entry{}, 0)
	}
}

// fetch asks for an entry that somebody has just been answered with. It may be
// another one by now: who looked before the last fetch ended begins this one.
// A failure leaves the entry.
func (r *reading) fetch(key string, seen []byte) answer {
	v := r.cache.visit()
	answers, err := v.ask(words("GET", r.name(key)))
	if err != nil || !bytes.Equal(answers[0].text, seen) {
		return answer{}
	}
	got := r.origin.get(key)
	if got.status != 502 {
		r.keep(v, key, seen, got)
	}
	return got
}

// olderThan is when refresh-ahead and stale fetch anew.
func olderThan(limit time.Duration) func(entry) bool {
	return func(found entry) bool { return found.age() > limit }
}

// byChance is XFetch: the likelier the nearer the end, and never all at once.
func byChance(scale time.Duration) func(entry) bool {
	return func(found entry) bool {
		return rand.Float64() < math.Exp(-float64(found.left())/float64(scale))
	}
}
