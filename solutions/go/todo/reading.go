package main

import (
	"strconv"
	"sync/atomic"
	"time"
)

// reading answers from the cache where it has the to-do.
//
//	hit     GET todo:ID → the to-do                      the store is not asked
//	miss    GET todo:ID → nothing
//	        WATCH todo:ID, GET todo:ID → still nothing   on a connection of its own
//	        the store is asked
//	        MULTI, SET todo:ID … PX, EXEC                nothing, where somebody wrote meanwhile
//	write   the store, then SET todo:ID written PX 1000, then the answer
//
// To delete the entry would not do for a write: where nothing stands a DEL
// changes nothing, and whoever watches does not learn of it.
type reading struct {
	link           *link
	store          *store
	patience, life time.Duration
	quietUntil     atomic.Int64 // unix milliseconds
}

const quiet = 300 * time.Millisecond // for which readers leave a cache alone that failed

// budget is the time that one request still waits for the cache: for all its questions together.
type budget struct{ left time.Duration }

func (b *budget) spend(work func(deadline time.Time) error) error {
	began := time.Now()
	err := work(began.Add(b.left))
	b.left -= time.Since(began)
	return err
}

// get returns nil where there is no such to-do.
func (r *reading) get(id string) (*kept, error) {
	if r.link == nil || time.Now().UnixMilli() < r.quietUntil.Load() {
		return r.store.get(id)
	}
	left, name := &budget{r.patience}, "todo:"+id
	var answers []value
	err := left.spend(func(deadline time.Time) (err error) {
		answers, err = r.link.ask(deadline, words("GET", name))
		return err
	})
	if err != nil {
		r.failed()
		return r.store.get(id)
	}
	if found := entry(answers[0], id); found != nil {
		return found, nil
	}
	return r.load(id, name, left)
}

// load asks the store, and puts what it says into the cache unless somebody writes meanwhile.
func (r *reading) load(id, name string, left *budget) (*kept, error) {
	var c *conn
	err := left.spend(func(deadline time.Time) (err error) {
		c, _, err = r.link.begin(deadline, words("WATCH", name))
		return err
	})
	if err != nil {
		r.failed()
		return r.store.get(id)
	}
	defer r.link.giveBack(c)
	got, err := r.store.get(id)
	if err != nil || got == nil {
		c.owes = true // it still watches, and nobody waits for UNWATCH
		return got, err
	}
	life := strconv.FormatInt(r.life.Milliseconds(), 10)
	set := command{[]byte("SET"), []byte(name), got.octets(), []byte("PX"), []byte(life)}
	err = left.spend(func(deadline time.Time) error {
		_, err := c.say(deadline, words("MULTI"), set, words("EXEC"))
		return err
	})
	if err != nil {
		r.failed()
	}
	return got, nil
}

// entry is the to-do that stands there; nil where nothing does, or nothing that is to be believed.
func entry(v value, id string) *kept {
	octets, ok := v.str()
	if !ok {
		return nil
	}
	found, ok := believed(octets, id)
	if !ok {
		return nil
	}
	return &found
}

// written tells the cache that what it has of a to-do is old. Where that cannot
// be said, an entry may stay for its life: the contract allows that.
func (r *reading) written(id string) {
	if r.link == nil {
		return
	}
	deadline := time.Now().Add(r.patience)
	if _, err := r.link.ask(deadline, words("SET", "todo:"+id, "written", "PX", "1000")); err != nil {
		r.failed()
	}
}

func (r *reading) failed() { r.quietUntil.Store(time.Now().Add(quiet).UnixMilli()) }
