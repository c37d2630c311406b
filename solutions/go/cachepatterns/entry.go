package main

import (
	"crypto/rand"
	"encoding/binary"
	"hash/crc32"
	"time"
)

// kind is what an entry says.
type kind byte

const (
	present kind = 'v' // a value that the origin has
	absent  kind = 'n' // that the origin has nothing
	owed    kind = 'o' // a value that the origin is still to get
	lease   kind = 'l' // that somebody has gone to ask the origin
)

// entry is what stands in the cache. What comes from there is input like any
// other, so an entry says whose it is, and a checksum says that it is whole:
//
//	kind  stored      life      size  name       value   checksum
//	76    0001 8f…    00002710  08    aside:k1   hello   fab9d9f1
//	1     8           4         1                        4         octets
//
// stored is milliseconds since 1970, life milliseconds from then. The name is the
// key in the cache, so that the entry of another key or pattern is not taken for
// this one. The value of a lease is drawn by chance: no two are the same.
type entry struct {
	kind   kind
	stored time.Time
	life   time.Duration
	value  []byte
}

const (
	nameAt   = 1 + 8 + 4 + 1
	checkLen = 4
)

func newLease() entry {
	token := make([]byte, 16)
	rand.Read(token)
	return entry{kind: lease, stored: time.Now(), value: token}
}

// kept is the entry that an answer of the origin becomes.
func (a answer) kept(life time.Duration) entry {
	made := entry{kind: present, stored: time.Now(), life: life, value: a.value}
	if a.status == 404 {
		made.kind = absent
	}
	return made
}

// answer is what a client gets for it.
func (e entry) answer() answer {
	if e.kind == absent {
		return answer{status: 404}
	}
	return answer{status: 200, value: e.value}
}

func (e entry) age() time.Duration  { return time.Since(e.stored) }
func (e entry) left() time.Duration { return max(0, e.life-e.age()) }

func (e entry) octets(name string) []byte {
	made := []byte{byte(e.kind)}
	made = binary.BigEndian.AppendUint64(made, uint64(e.stored.UnixMilli()))
	made = binary.BigEndian.AppendUint32(made, uint32(e.life.Milliseconds()))
	made = append(append(made, byte(len(name))), name...)
	made = append(made, e.value...)
	return binary.BigEndian.AppendUint32(made, crc32.ChecksumIEEE(made))
}

// readEntry returns false for what this program did not store under that name.
func readEntry(octets []byte, name string) (entry, bool) {
	valueAt, valueEnd := nameAt+len(name), len(octets)-checkLen
	if valueEnd < valueAt || string(octets[nameAt:valueAt]) != name || int(octets[nameAt-1]) != len(name) {
		return entry{}, false
	}
	if crc32.ChecksumIEEE(octets[:valueEnd]) != binary.BigEndian.Uint32(octets[valueEnd:]) {
		return entry{}, false
	}
	switch kind(octets[0]) {
	case present, absent, owed, lease:
	default:
		return entry{}, false
	}
	return entry{
		kind:   kind(octets[0]),
		stored: time.UnixMilli(int64(binary.BigEndian.Uint64(octets[1:]))),
		life:   time.Duration(binary.BigEndian.Uint32(octets[9:])) * time.Millisecond,
		value:  octets[valueAt:valueEnd],
	}, true
}
