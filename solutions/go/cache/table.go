package main

import "math/rand/v2"

// A table is a map that can also be walked and drawn from at random. Its items
// lie in a slice, and the map says where. An item that is removed leaves its
// place to the last one.
//
// So a walk goes from the end to the start, and stays right while items come
// and go: one that it has not reached lies below its cursor, and can only be
// moved to a lower place.
type table[V any] struct {
	places map[string]int
	items  []item[V]
}

// tableCost is what a table costs that has one item.
const tableCost = 200

type item[V any] struct {
	key   string
	value V
}

func (t *table[V]) len() int { return len(t.items) }

// find returns the item, nil when there is none. The pointer is good until the
// table changes.
func (t *table[V]) find(key []byte) *item[V] {
	if place, ok := t.places[string(key)]; ok {
		return &t.items[place]
	}
	return nil
}

func (t *table[V]) has(key string) bool {
	_, ok := t.places[key]
	return ok
}

// add appends an item whose key is not there yet.
func (t *table[V]) add(key string, value V) {
	if t.places == nil {
		t.places = map[string]int{}
	}
	t.places[key] = len(t.items)
	t.items = append(t.items, item[V]{key, value})
}

// remove reports whether the key was there.
func (t *table[V]) remove(key string) bool {
	place, ok := t.places[key]
	if !ok {
		return false
	}
	last := len(t.items) - 1
	if place != last {
		t.items[place] = t.items[last]
		t.places[t.items[place].key] = place
	}
	t.items[last] = item[V]{}
	t.items = t.items[:last]
	delete(t.places, key)
	return true
}

// draw returns an item at random. The table is not empty.
func (t *table[V]) draw() *item[V] {
	return &t.items[rand.IntN(len(t.items))]
}

// walk visits up to count items and returns the cursor to go on from. It starts
// with cursor 0, and is over when it returns 0.
func (t *table[V]) walk(cursor uint64, count int, visit func(*item[V])) uint64 {
	next := len(t.items)
	if cursor != 0 {
		next = int(min(cursor, uint64(next)))
	}
	for ; next > 0 && count > 0; count-- {
		next--
		visit(&t.items[next])
	}
	return uint64(next)
}
