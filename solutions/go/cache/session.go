package main

// A session is what the cache remembers of a client. It changes under the
// cache's lock, and by the client's own goroutine, which may look without it.
type session struct {
	cache   *cache
	id      int64
	name    string
	replies replies
	box     *outbox // nil: nobody else writes to this client
	openBox func() *outbox

	leaving  bool     // the connection ends when the replies are out
	position int64    // of the log, to be safe before the replies leave
	effect   [][]byte // of the command that runs, as the log will have it

	queue   transaction
	watched map[string]bool

	// What other sessions look at, or change.
	outdated bool // a watched key is another
	channels map[string]bool
	patterns map[string]bool
	later    replies // what its own command published to it
}

// join makes a session of the cache.
func (c *cache) join(openBox func() *outbox) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	c.sessions++
	c.accepted++
	return &session{
		cache:    c,
		id:       c.lastID,
		replies:  replies{version: 2},
		openBox:  openBox,
		watched:  map[string]bool{},
		channels: map[string]bool{},
		patterns: map[string]bool{},
	}
}

// leave forgets a session.
func (c *cache) leave(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions--
	c.keys.unwatch(s)
	c.topics.forget(s)
}

// listening reports whether a client of RESP2 has subscriptions: then it may
// not ask for much else, since it could not tell an answer from a message.
func (s *session) listening() bool {
	return s.replies.version < 3 && s.subscriptions() > 0
}

func (s *session) subscriptions() int { return len(s.channels) + len(s.patterns) }

// instead sets what the log is to have in place of the command itself, where
// the same words would do something else when they are read again.
func (s *session) instead(words ...[]byte) { s.effect = words }

// handOver puts the replies in line with what others send to this client. The
// cache's lock is held, so that the order is that of the commands.
func (s *session) handOver() {
	if s.box == nil {
		return
	}
	s.box.add(&s.replies, s.position)
	s.box.add(&s.later, s.position)
	s.replies.clear()
	s.later.clear()
}
