package main

import "sync"

// writing is what PUT, DELETE and POST do, but for write-behind. The origin is
// told first, always: whoever removes first lets a reader bring the old value
// back. Where no answer came the origin may have taken the write, so what the
// cache has is doubtful, and goes too.
type writing struct {
	cache  *cache
	origin *origin
	turns  keyed[sync.Mutex]
}

// past goes to the origin, and the entry is removed: aside and write-around.
func (w *writing) past(r *reading, method string) handler {
	return func(key string, value []byte) answer {
		became := w.origin.write(method, key, value)
		if became != refused {
			w.cache.remove(w.cache.visit(), r.name(key))
		}
		return became.answer()
	}
}

// through goes to the origin, and then into the cache. Two writes of one key take
// turns, or the cache could have them in another order than the origin.
func (w *writing) through(r *reading) handler {
	return func(key string, value []byte) answer {
		turn := w.turns.take(key)
		defer w.turns.leave(key)
		turn.Lock()
		defer turn.Unlock()
		became := w.origin.write("PUT", key, value)
		switch became {
		case taken:
			w.cache.put(w.cache.visit(), r.name(key), answer{200, value}.kept(r.life), r.life)
		case unknown:
			w.cache.remove(w.cache.visit(), r.name(key))
		}
		return became.answer()
	}
}

// invalidate removes the entries of a key, which are known by name. The origin is not asked.
func (w *writing) invalidate(all ...*reading) handler {
	return func(key string, _ []byte) answer {
		var names []string
		for _, each := range all {
			names = append(names, each.name(key))
		}
		w.cache.remove(w.cache.visit(), names...)
		return answer{status: 204}
	}
}

func (o outcome) answer() answer {
	if o == taken {
		return answer{status: 204}
	}
	return answer{status: 502}
}
