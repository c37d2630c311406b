package main

import (
	"bytes"
	"strconv"
	"sync"
	"time"
)

// leaseTime is as long as the origin may take, and some more.
const leaseTime = originTime + 5*time.Second

// cache is what the patterns say to the cache. Nothing here fails: what cannot
// be looked up is a miss, what cannot be stored is not stored, and what cannot be
// removed is removed before it is used again.
//
// The race. Whoever finds nothing puts a lease there and asks the origin. The
// answer is stored only in the place of that lease:
//
//	reader   GET → nothing, SET lease NX, asks the origin, is told "old"
//	writer   tells the origin "new", DEL
//	reader   WATCH, GET → not the lease any more: nothing is stored
//
// Who finds a lease of somebody else takes it for their own. It stood there
// before they asked the origin, and if it still does, nothing was removed since.
type cache struct {
	link     *link
	patience time.Duration // for the cache, in one request
	longest  time.Duration // no entry lives longer

	lock sync.Mutex
	owed map[string]*removal
}

// removal is one that the cache did not take. Two of them are never the same, so it has a size.
type removal struct{ _ byte }

func newCache(s settings) *cache {
	return &cache{
		link:     &link{address: s.cache, pause: s.breakTime},
		patience: s.cacheTime,
		longest:  s.ttl + s.stale + leaseTime,
		owed:     map[string]*removal{},
	}
}

func (c *cache) visit() *visit { return &visit{link: c.link, left: c.patience} }

// look returns the entry at name and its octets. A miss is an entry of no kind,
// and the octets of a lease, in the place of which may be stored. Where the cache is
// away there are no octets.
func (c *cache) look(v *visit, name string) (entry, []byte) {
	for range 3 {
		owing, nothing := c.owing(name), false
		if owing == nil {
			answers, err := v.ask(words("GET", name))
			if err != nil {
				return entry{}, nil
			}
			switch found, ok := readEntry(answers[0].text, name); {
			case ok && found.kind == lease:
				return entry{}, answers[0].text
			case ok:
				return found, answers[0].text
			}
			nothing = answers[0].null
		}
		if made := c.lease(v, name, nothing); made != nil {
			c.settled(name, owing)
			return entry{}, made
		}
		if v.over {
			break
		}
	}
	return entry{}, nil
}

// lease puts one at name. What stands there and is not to be believed, or should
// have been removed, is written over. Into the place of nothing it is put only
// while nothing is there: nil, where somebody was faster.
func (c *cache) lease(v *visit, name string, nothing bool) []byte {
	octets := newLease().octets(name)
	set := set(name, octets, leaseTime)
	if nothing {
		set = set.and("NX")
	}
	answers, err := v.ask(set)
	if err != nil || string(answers[0].text) != "OK" {
		return nil
	}
	return octets
}

// swap puts an entry in the place of what was seen, if that is still there. An
// entry that would not live is not stored, and what was seen goes.
func (c *cache) swap(v *visit, name string, seen []byte, next entry, life time.Duration) {
	if seen == nil {
		return
	}
	v.step(name, func(octets []byte) []command {
		if !bytes.Equal(octets, seen) {
			return nil
		}
		if life <= 0 {
			return []command{words("DEL", name)}
		}
		return []command{set(name, next.octets(name), life)}
	})
}

// put stores an entry over whatever is there. What it does not take is removed.
func (c *cache) put(v *visit, name string, next entry, life time.Duration) {
	owing := c.owing(name)
	answers, err := v.step(name, func([]byte) []command {
		return []command{set(name, next.octets(name), life)}
	})
	if err == nil && allOK(answers) {
		c.settled(name, owing)
		return
	}
	c.remove(v, name)
}

// remove removes, now or before the next use.
func (c *cache) remove(v *visit, names ...string) {
	if _, err := v.ask(words("DEL").and(names...)); err == nil {
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, name := range names {
		owing := &removal{}
		c.owed[name] = owing
		// By then what is there now has run out, and nothing is owed.
		time.AfterFunc(c.longest, func() { c.settled(name, owing) })
	}
}

func (c *cache) owing(name string) *removal {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.owed[name]
}

// settled forgets a removal, and not one that came after it.
func (c *cache) settled(name string, owing *removal) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if owing != nil && c.owed[name] == owing {
		delete(c.owed, name)
	}
}

// set stores octets and their lifetime in one command; no lifetime, where it is 0.
func set(name string, octets []byte, life time.Duration) command {
	made := append(words("SET", name), octets)
	if life > 0 {
		made = made.and("PX", strconv.FormatInt(life.Milliseconds(), 10))
	}
	return made
}

// allOK says that every command between MULTI and EXEC was carried out.
func allOK(answers []value) bool {
	for _, each := range answers {
		if each.kind == '-' {
			return false
		}
	}
	return len(answers) > 0
}
