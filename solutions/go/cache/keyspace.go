package main

import "math"

// A value is what a key holds.
type value interface {
	kind() string
	size() int64 // octets, with what is needed beside them
	empty() bool // an empty collection is no key
}

// text is a string. Its octets never change in place: a reply that is under
// way may still refer to them.
type text []byte

func (text) kind() string  { return "string" }
func (t text) size() int64 { return int64(cap(t)) }
func (text) empty() bool   { return false }

// entryCost is what a key costs beside its own octets and those of its value:
// the entry, its place in the table and in the map, and the value's header.
// Measured with a million keys, and rounded up.
const entryCost = 200

type entry struct {
	key   string
	value value
	ends  int64  // milliseconds since 1970; 0: never
	place int    // among the keys that end; -1: it does not
	size  int64  // as it was counted
	used  int64  // the last time, in nanoseconds
	uses  uint32 // how often; see memory.go
}

// A keyspace is the keys, what of them ends, and who watches them. Its time
// stands still while a command runs.
type keyspace struct {
	entries  table[*entry]
	expiring expiries
	watchers map[string][]*session
	log      *appendLog

	now     int64 // milliseconds since 1970
	instant int64 // the same in nanoseconds
	memory  int64 // octets of all entries
	changes int64 // counted, to see whether a command made one
	reading bool  // the command that runs only reads: its hits and misses count

	hits, misses, expired, evicted int64
}

// find returns what a key holds, nil for nothing. Looking is no use of it.
func (k *keyspace) find(key []byte) *entry {
	found := k.entries.find(key)
	if found == nil {
		return nil
	}
	if e := found.value; !k.over(e) {
		return e
	}
	k.expire(found.value)
	return nil
}

// use is find for a command that works with the value.
func (k *keyspace) use(key []byte) *entry {
	e := k.find(key)
	switch {
	case k.reading && e == nil:
		k.misses++
	case k.reading:
		k.hits++
	}
	if e == nil {
		return nil
	}
	e.uses = usesNow(e, k.instant)
	if e.uses < math.MaxUint32 {
		e.uses++
	}
	e.used = k.instant
	return e
}

// put makes a key hold a value until it ends.
func (k *keyspace) put(key []byte, v value, ends int64) {
	e := k.find(key)
	if e == nil {
		e = k.create(key, v)
	}
	e.value = v
	k.setEnd(e, ends)
	k.changed(e)
}

// create adds a key that is not there. A change has to be told afterwards.
func (k *keyspace) create(key []byte, v value) *entry {
	e := &entry{key: string(key), value: v, place: -1, used: k.instant, uses: 1}
	k.entries.add(e.key, e)
	return e
}

// changed tells that a value is another. A collection that is empty now is
// removed.
func (k *keyspace) changed(e *entry) {
	k.changes++
	if e.value.empty() {
		k.drop(e)
		return
	}
	size := entryCost + int64(len(e.key)) + e.value.size()
	k.memory += size - e.size
	e.size = size
	k.touch(e.key)
}

// remove takes a key away because a command wants it.
func (k *keyspace) remove(e *entry) {
	k.changes++
	k.drop(e)
}

// discard takes a key away because its time is over or memory is short. That
// is no effect of the command that runs, so the log has it apart.
func (k *keyspace) discard(e *entry) {
	k.drop(e)
	k.log.add([]byte("DEL"), []byte(e.key))
}

func (k *keyspace) drop(e *entry) {
	k.entries.remove(e.key)
	k.setEnd(e, 0)
	k.memory -= e.size
	k.touch(e.key)
}

// clear removes everything.
func (k *keyspace) clear() {
	for _, watched := range k.entries.items {
		k.touch(watched.key)
	}
	k.entries, k.expiring, k.memory = table[*entry]{}, nil, 0
	k.changes++
}

// touch makes the transactions of those who watch a key fail.
func (k *keyspace) touch(key string) {
	if len(k.watchers) == 0 {
		return
	}
	for _, s := range k.watchers[key] {
		s.outdated = true
	}
}

// lookup returns what a key holds as a T, and a nil entry where there is none.
func lookup[T value](k *keyspace, key []byte) (v T, e *entry, err error) {
	if e = k.use(key); e == nil {
		return v, nil, nil
	}
	v, ok := e.value.(T)
	if !ok {
		return v, e, errWrongType
	}
	return v, e, nil
}

// obtain is lookup that creates what is missing.
func obtain[T value](k *keyspace, key []byte, fresh func() T) (v T, e *entry, err error) {
	v, e, err = lookup[T](k, key)
	if e == nil && err == nil {
		v = fresh()
		e = k.create(key, v)
	}
	return v, e, err
}
