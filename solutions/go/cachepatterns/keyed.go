package main

import "sync"

// keyed is a thing for each key, there while somebody uses it.
type keyed[T any] struct {
	lock sync.Mutex
	all  map[string]*shared[T]
}

type shared[T any] struct {
	thing T
	users int
}

func (k *keyed[T]) take(key string) *T {
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.all == nil {
		k.all = map[string]*shared[T]{}
	}
	found := k.all[key]
	if found == nil {
		found = &shared[T]{}
		k.all[key] = found
	}
	found.users++
	return &found.thing
}

func (k *keyed[T]) leave(key string) {
	k.lock.Lock()
	defer k.lock.Unlock()
	found := k.all[key]
	if found.users--; found.users == 0 {
		delete(k.all, key)
	}
}

// keys are those in use now.
func (k *keyed[T]) keys() []string {
	k.lock.Lock()
	defer k.lock.Unlock()
	var keys []string
	for key := range k.all {
		keys = append(keys, key)
	}
	return keys
}
