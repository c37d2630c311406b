package main

var publishCommands = []command{
	{"SUBSCRIBE", -2, listens, noKeys, subscribe},
	{"UNSUBSCRIBE", -1, listens, noKeys, unsubscribe},
	{"PSUBSCRIBE", -2, listens, noKeys, subscribePattern},
	{"PUNSUBSCRIBE", -1, listens, noKeys, unsubscribePattern},
	{"PUBLISH", 3, fast, noKeys, publish},
	{"PUBSUB", -2, 0, noKeys, choose([]subcommand{
		{"CHANNELS", -2, pubsubChannels},
		{"NUMSUB", -2, pubsubNumSub},
		{"NUMPAT", 2, pubsubNumPat},
	})},
}

type sessions map[*session]struct{}

// topics is who listens to what.
type topics struct {
	channels map[string]sessions
	patterns map[string]sessions
}

func newTopics() topics {
	return topics{channels: map[string]sessions{}, patterns: map[string]sessions{}}
}

// forget ends all subscriptions of a session.
func (t *topics) forget(s *session) {
	for name := range s.channels {
		drop(t.channels, name, s)
	}
	for name := range s.patterns {
		drop(t.patterns, name, s)
	}
}

func drop(names map[string]sessions, name string, s *session) {
	delete(names[name], s)
	if len(names[name]) == 0 {
		delete(names, name)
	}
}

// listen adds a session to those of each name, and confirms each. From the
// first one on others may write to this client.
func (s *session) listen(
	kind string, of map[string]sessions, mine map[string]bool, args [][]byte,
) {
	if s.box == nil {
		s.box = s.openBox()
	}
	for _, argument := range args {
		name := string(argument)
		if of[name] == nil {
			of[name] = sessions{}
		}
		of[name][s] = struct{}{}
		mine[name] = true
		s.confirm(kind, argument)
	}
}

// unlisten takes a session out, of all its names when none is given.
func (s *session) unlisten(
	kind string, of map[string]sessions, mine map[string]bool, args [][]byte,
) {
	if len(args) == 0 {
		for name := range mine {
			args = append(args, []byte(name))
		}
	}
	if len(args) == 0 {
		s.confirm(kind, nil)
	}
	for _, argument := range args {
		name := string(argument)
		drop(of, name, s)
		delete(mine, name)
		s.confirm(kind, argument)
	}
}

func (s *session) confirm(kind string, name []byte) {
	s.replies.push(3)
	s.replies.text(kind)
	if name == nil {
		s.replies.null()
	} else {
		s.replies.bulk(name)
	}
	s.replies.count(s.subscriptions())
}

func subscribe(s *session, args [][]byte) error {
	s.listen("subscribe", s.cache.topics.channels, s.channels, args[1:])
	return nil
}

func unsubscribe(s *session, args [][]byte) error {
	s.unlisten("unsubscribe", s.cache.topics.channels, s.channels, args[1:])
	return nil
}

func subscribePattern(s *session, args [][]byte) error {
	s.listen("psubscribe", s.cache.topics.patterns, s.patterns, args[1:])
	return nil
}

func unsubscribePattern(s *session, args [][]byte) error {
	s.unlisten("punsubscribe", s.cache.topics.patterns, s.patterns, args[1:])
	return nil
}

func publish(s *session, args [][]byte) error {
	topics, channel, message := &s.cache.topics, args[1], keep(args[2])
	received := 0
	for to := range topics.channels[string(channel)] {
		s.send(to, []byte("message"), channel, message)
		received++
	}
	for pattern, listeners := range topics.patterns {
		if !matches([]byte(pattern), channel) {
			continue
		}
		for to := range listeners {
			s.send(to, []byte("pmessage"), []byte(pattern), channel, message)
			received++
		}
	}
	s.replies.count(received)
	return nil
}

// send puts a message into the outbox of another; what a session publishes to
// itself comes behind the reply.
func (s *session) send(to *session, words ...[]byte) {
	written := &replies{version: to.replies.version}
	if to == s {
		written = &s.later
		written.version = s.replies.version
	}
	written.push(len(words))
	for _, word := range words {
		written.bulk(word)
	}
	if to != s {
		to.box.add(written, s.cache.log.position())
	}
}

func pubsubChannels(s *session, args [][]byte) error {
	if len(args) > 3 {
		return wrongCount([]byte("pubsub|channels"))
	}
	var found []string
	for name := range s.cache.topics.channels {
		if len(args) == 2 || matches(args[2], []byte(name)) {
			found = append(found, name)
		}
	}
	s.replies.array(len(found))
	for _, name := range found {
		s.replies.text(name)
	}
	return nil
}

func pubsubNumSub(s *session, args [][]byte) error {
	s.replies.array(2 * len(args[2:]))
	for _, name := range args[2:] {
		s.replies.bulk(name)
		s.replies.count(len(s.cache.topics.channels[string(name)]))
	}
	return nil
}

func pubsubNumPat(s *session, args [][]byte) error {
	s.replies.count(len(s.cache.topics.patterns))
	return nil
}
