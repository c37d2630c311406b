package main

import (
	"log"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// owedNames is a set in the cache: the keys of which something is owed. What is
	// owed is the entry itself, which says so.
	owedNames = "write-behind::owed"
	retry     = 500 * time.Millisecond
	// lastTries is how long an origin that fails is tried after SIGTERM. What is still
	// owed then is for the next start.
	lastTries = 10 * time.Second
)

// behind is write-behind: a write goes into the cache, and later to the origin.
//
//	PUT      SET write-behind:k1 ‹owed new›, SADD write-behind::owed k1, in one step; 202
//	later    PUT /items/k1 new to the origin
//	then     SET write-behind:k1 ‹new› PX …, SREM write-behind::owed k1, in one step
//	start    SMEMBERS write-behind::owed: what another run of this program left
//
// The memory of the program has the same, to know what the cache is to say where
// that could not be told, or where nobody knows whether it has heard it.
type behind struct {
	*reading
	wait     time.Duration
	accounts keyed[account]

	ending atomic.Bool
}

// account is what is known of one key.
type account struct {
	sending sync.Mutex // one write to the origin at a time; taken before lock
	lock    sync.Mutex
	wants   *wish
	doubt   bool      // the cache may say something else
	due     time.Time // when what is owed is sent; zero while it is being sent
	served  bool      // a goroutine is at it
	wake    chan struct{}
}

// wish is what the cache is to say: a value that is owed or not. No wish: nothing in particular.
type wish struct {
	value []byte
	owed  bool
}

func (w *wish) isOwed() bool { return w != nil && w.owed }

// get answers as aside, once the cache says what it is to say.
func (b *behind) get(key string) answer {
	a := b.accounts.take(key)
	defer b.accounts.leave(key)
	if !b.straight(key, a) {
		return b.origin.get(key)
	}
	return b.reading.get(key)
}

// straight takes away the doubt, if there is one and the cache can be asked.
func (b *behind) straight(key string, a *account) bool {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.doubt {
		a.doubt = !b.tell(key, a.wants)
	}
	return !a.doubt
}

// put notes a debt in the cache, or goes to the origin where it cannot be noted.
func (b *behind) put(key string, value []byte) answer {
	a := b.accounts.take(key)
	defer b.accounts.leave(key)
	before, noted := b.note(key, a, value)
	if noted {
		return answer{status: 202}
	}
	return b.direct(key, a, before, value)
}

// note returns what was wanted before. What comes while a write waits goes with it.
func (b *behind) note(key string, a *account, value []byte) (*wish, bool) {
	a.lock.Lock()
	defer a.lock.Unlock()
	before, next := a.wants, &wish{value, true}
	a.doubt = !b.tell(key, next)
	if !a.doubt {
		a.wants = next
		if !before.isOwed() || a.due.IsZero() {
			a.due = time.Now().Add(b.wait)
		}
		if b.ending.Load() {
			a.due = time.Now()
		}
	}
	b.serve(key, a)
	return before, !a.doubt
}

// direct goes to the origin. What was owed before is not sent behind it, what was
// noted since is; and the cache has nothing of it.
func (b *behind) direct(key string, a *account, before *wish, value []byte) answer {
	a.sending.Lock()
	defer a.sending.Unlock()
	became := b.origin.write("PUT", key, value)
	a.lock.Lock()
	defer a.lock.Unlock()
	if became == taken && a.wants == before || became != refused && !a.wants.isOwed() {
		a.wants, a.doubt = nil, true
		b.serve(key, a)
	}
	if became == taken {
		return answer{status: 204}
	}
	return answer{status: 503}
}

// serve has a goroutine see to the account until there is nothing left to do. a.lock is held.
func (b *behind) serve(key string, a *account) {
	if a.served {
		return
	}
	a.served, a.wake = true, make(chan struct{}, 1)
	b.accounts.take(key)
	go func() {
		defer b.accounts.leave(key)
		for {
			wait, more := b.next(key, a)
			if !more {
				return
			}
			select {
			case <-time.After(wait):
			case <-a.wake:
			}
			b.send(key, a)
		}
	}()
}

// next is how long to wait before the next try; false, where none is needed.
func (b *behind) next(key string, a *account) (time.Duration, bool) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.doubt {
		a.doubt = !b.tell(key, a.wants)
	}
	switch {
	case a.wants.isOwed():
		return time.Until(a.due), true
	case a.doubt && !b.ending.Load():
		return retry, true
	}
	a.wants, a.served = nil, false
	return 0, false
}

// send sends what is owed, if it is time. What was noted meanwhile is owed still.
func (b *behind) send(key string, a *account) {
	a.sending.Lock()
	defer a.sending.Unlock()
	sent := a.begun()
	if sent == nil {
		return
	}
	became := b.origin.write("PUT", key, sent.value)
	a.lock.Lock()
	defer a.lock.Unlock()
	switch {
	case became != taken:
		a.due = time.Now().Add(retry)
	case a.wants == sent:
		a.wants, a.doubt = &wish{value: sent.value}, true
	}
}

// begun is what is to be sent now, or nil.
func (a *account) begun() *wish {
	a.lock.Lock()
	defer a.lock.Unlock()
	if !a.wants.isOwed() || time.Now().Before(a.due) {
		return nil
	}
	a.due = time.Time{}
	return a.wants
}

// tell has the cache say what is wanted: entry and note in one step. Where nothing
// is wanted a lease does as well as no entry, and a step that comes late finds it.
func (b *behind) tell(key string, w *wish) bool {
	v, name := b.cache.visit(), b.name(key)
	says, life, note := newLease(), leaseTime, "SREM"
	switch {
	case w.isOwed():
		says, life, note = answer{200, w.value}.kept(0), 0, "SADD"
		says.kind = owed
	case w != nil && b.life > 0:
		says, life = answer{200, w.value}.kept(b.life), b.life
	}
	answers, err := v.step(name, func([]byte) []command {
		return []command{set(name, says.octets(name), life), words(note, owedNames, key)}
	})
	if err == nil && allOK(answers) {
		return true
	}
	if w.isOwed() {
		return false
	}
	_, err = v.ask(words("DEL", name), words("SREM", owedNames, key)) // there is no room
	return err == nil
}

// load takes up what another run of the program left, as soon as the cache can say it.
func (b *behind) load() {
	for !b.found() {
		time.Sleep(retry / 2)
	}
}

func (b *behind) found() bool {
	answers, err := b.cache.visit().ask(words("SMEMBERS", owedNames))
	if err != nil {
		return false
	}
	if answers[0].kind == '-' { // not a set, so not ours
		_, err := b.cache.visit().ask(words("DEL", owedNames))
		return err == nil
	}
	for _, each := range answers[0].items {
		if !b.takeUp(string(each.text)) {
			return false
		}
	}
	return true
}

// takeUp believes the entry, and not the note alone.
func (b *behind) takeUp(key string) bool {
	a := b.accounts.take(key)
	defer b.accounts.leave(key)
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.wants != nil || a.doubt {
		return true // it has been written since the start
	}
	v, name := b.cache.visit(), b.name(key)
	answers, err := v.ask(words("GET", name))
	if err != nil {
		return false
	}
	if found, ok := readEntry(answers[0].text, name); ok && found.kind == owed {
		a.wants, a.due = &wish{found.value, true}, time.Now()
		b.serve(key, a)
		return true
	}
	_, err = v.ask(words("SREM", owedNames, key))
	return err == nil
}

// hurry has what is owed sent now, and from now on.
func (b *behind) hurry() {
	b.ending.Store(true)
	for _, key := range b.accounts.keys() {
		a := b.accounts.take(key)
		a.hurry()
		b.accounts.leave(key)
	}
}

func (a *account) hurry() {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.wants.isOwed() && a.due.After(time.Now()) {
		a.due = time.Now()
	}
	if a.served {
		select {
		case a.wake <- struct{}{}:
		default:
		}
	}
}

// finish waits until the origin has what is owed.
func (b *behind) finish() {
	for limit := time.Now().Add(lastTries); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if len(b.accounts.keys()) == 0 {
			return
		}
	}
	log.Print("not all that is owed could be sent: it is noted in the cache")
}
