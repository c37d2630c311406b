package main

// app answers for each pattern under a path of its own.
type app struct {
	paths  map[string]methods
	behind *behind
}

// handler gets the key, and the body of a PUT.
type handler func(key string, value []byte) answer

type methods map[string]handler

// newApp is the list of the patterns: how each is read, and how it is written.
func newApp(s settings) *app {
	w := &writing{cache: newCache(s), origin: newOrigin(s.origin)}
	reads := func(pattern string) *reading {
		return &reading{pattern: pattern, cache: w.cache, origin: w.origin, life: s.ttl}
	}

	aside, written, around, single := reads("aside"), reads("write-through"), reads("write-around"), reads("single-flight")

	through := reads("read-through")
	through.none = s.negative

	ahead := reads("refresh-ahead")
	ahead.due = olderThan(s.refresh)

	early := reads("early")
	early.due = byChance(s.early)

	stale := reads("stale")
	stale.due, stale.beyond = olderThan(s.ttl), s.stale

	behind := &behind{reading: reads("write-behind"), wait: s.behind}

	return &app{behind: behind, paths: map[string]methods{
		"aside":         {"GET": of(aside.get), "PUT": w.past(aside, "PUT"), "DELETE": w.past(aside, "DELETE")},
		"read-through":  {"GET": of(through.get)},
		"write-through": {"GET": of(written.get), "PUT": w.through(written)},
		"write-around":  {"GET": of(around.get), "PUT": w.past(around, "PUT")},
		"invalidate":    {"POST": w.invalidate(aside, through, written, around, ahead, single, early, stale)},
		"write-behind":  {"GET": of(behind.get), "PUT": behind.put},
		"refresh-ahead": {"GET": of(ahead.get)},
		"single-flight": {"GET": of(alone(single.get))},
		"early":         {"GET": of(early.get)},
		"stale":         {"GET": of(stale.get)},
	}}
}

// of makes a handler of what needs no body.
func of(get func(key string) answer) handler {
	return func(key string, _ []byte) answer { return get(key) }
}
