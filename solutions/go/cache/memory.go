package main

import "time"

// limits is what CONFIG SET can change about memory.
type limits struct {
	memory  int64 // octets; 0: none
	policy  string
	samples int
}

// An evictor picks the key that goes next, nil when there is none.
type evictor func(*keyspace, int) *entry

// evictors by policy. With noeviction there is none to pick.
var evictors = map[string]evictor{
	"noeviction":     func(*keyspace, int) *entry { return nil },
	"allkeys-random": func(k *keyspace, _ int) *entry { return worst(k, 1, nil) },
	"volatile-ttl":   soonest,
	"allkeys-lru": func(k *keyspace, samples int) *entry {
		return worst(k, samples, func(a, b *entry) bool { return a.used < b.used })
	},
	"allkeys-lfu": func(k *keyspace, samples int) *entry {
		return worst(k, samples, func(a, b *entry) bool {
			left, right := usesNow(a, k.instant), usesNow(b, k.instant)
			return left < right || left == right && a.used < b.used
		})
	},
}

// makeRoom removes keys until memory is within its limit, and reports whether
// it is. The cache's lock is held.
func (c *cache) makeRoom() bool {
	keys, limits := &c.keys, &c.limits
	if limits.memory == 0 || keys.memory <= limits.memory {
		return true
	}
	pick := evictors[limits.policy]
	for keys.memory > limits.memory {
		e := pick(keys, limits.samples)
		if e == nil {
			return false
		}
		keys.evicted++
		keys.discard(e)
	}
	return true
}

// worst draws some keys at random and returns the one to let go. A list in
// exact order would have to be mended at every read; a few samples come near.
func worst(k *keyspace, samples int, worse func(a, b *entry) bool) *entry {
	if k.entries.len() == 0 {
		return nil
	}
	found := k.entries.draw().value
	for range samples - 1 {
		if other := k.entries.draw().value; worse(other, found) {
			found = other
		}
	}
	return found
}

// soonest is exact: the keys that end are in a heap.
func soonest(k *keyspace, _ int) *entry {
	if len(k.expiring) == 0 {
		return nil
	}
	return k.expiring[0]
}

// usesNow is how often a key was used, halved for every minute since the last
// time: what was popular once does not stay for ever.
func usesNow(e *entry, instant int64) uint32 {
	minutes := (instant - e.used) / int64(time.Minute)
	return e.uses >> min(max(minutes, 0), 32)
}
