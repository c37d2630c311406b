package main

import "sync"

// flights are questions under way, one for a name.
type flights struct {
	lock  sync.Mutex
	under map[string]*flight
}

// flight is one of them. got may be read when landed is closed.
type flight struct {
	landed chan struct{}
	got    answer
}

// join begins a flight, unless there is one. It belongs to nobody: whoever waits
// may leave. It is forgotten however it ends, so the next one who comes asks anew.
func (f *flights) join(name string, ask func() answer) *flight {
	f.lock.Lock()
	defer f.lock.Unlock()
	if found := f.under[name]; found != nil {
		return found
	}
	made := &flight{landed: make(chan struct{})}
	if f.under == nil {
		f.under = map[string]*flight{}
	}
	f.under[name] = made
	go func() {
		made.got = ask()
		f.lock.Lock()
		delete(f.under, name)
		f.lock.Unlock()
		close(made.landed)
	}()
	return made
}

// alone is single flight: whoever asks meanwhile waits for the answer of the first.
// The look into the cache is part of the flight. Outside of it, who looked before
// the flight began and came to join when it had ended would ask the origin again.
func alone(get func(key string) answer) func(key string) answer {
	var all flights
	return func(key string) answer {
		flight := all.join(key, func() answer { return get(key) })
		<-flight.landed
		return flight.got
	}
}
