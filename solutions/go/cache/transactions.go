package main

import "slices"

var transactionCommands = []command{
	{"MULTI", 1, fast | immediate | outside, noKeys, multi},
	{"EXEC", 1, immediate, noKeys, exec},
	{"DISCARD", 1, fast | immediate, noKeys, discard},
	{"WATCH", -2, fast | immediate | outside, allKeys, watch},
	{"UNWATCH", 1, fast, noKeys, unwatch},
}

const maxQueue = 256 << 20 // octets of the commands that wait for EXEC

// A transaction is the commands that wait for EXEC.
type transaction struct {
	open     bool
	spoiled  bool // one of them was refused: EXEC will refuse all
	grows    bool // one of them may need memory
	commands []queued
	size     int
}

type queued struct {
	*command
	args [][]byte
}

func (t *transaction) add(cmd *command, args [][]byte) {
	copies := make([][]byte, len(args))
	for i, argument := range args {
		copies[i] = keep(argument)
		t.size += len(argument) + argumentCost
	}
	if t.size > maxQueue {
		t.spoiled = true
	}
	if t.spoiled {
		t.commands = nil // they will never run
		return
	}
	t.grows = t.grows || cmd.flags&grows != 0
	t.commands = append(t.commands, queued{cmd, copies})
}

func multi(s *session, args [][]byte) error {
	s.queue = transaction{open: true}
	s.replies.ok()
	return nil
}

func exec(s *session, args [][]byte) error {
	queue := s.queue
	if !queue.open {
		return failure("ERR EXEC without MULTI")
	}
	s.queue = transaction{}
	outdated := s.cache.keys.outdated(s)
	s.cache.keys.unwatch(s)
	switch {
	case queue.spoiled:
		return failure("EXECABORT Transaction discarded because of previous errors.")
	case queue.grows && !s.cache.makeRoom():
		return failure("EXECABORT Transaction discarded because of: " + errMemory.Error())
	case outdated:
		s.replies.nullArray()
		return nil
	}
	s.replies.array(len(queue.commands))
	for _, next := range queue.commands {
		s.run(next.command, next.args)
	}
	return nil
}

func discard(s *session, args [][]byte) error {
	if !s.queue.open {
		return failure("ERR DISCARD without MULTI")
	}
	s.queue = transaction{}
	s.cache.keys.unwatch(s)
	s.replies.ok()
	return nil
}

func watch(s *session, args [][]byte) error {
	keys := &s.cache.keys
	for _, key := range args[1:] {
		keys.find(key) // what is over already cannot change by ending
		if name := string(key); !s.watched[name] {
			s.watched[name] = true
			keys.watchers[name] = append(keys.watchers[name], s)
		}
	}
	s.replies.ok()
	return nil
}

func unwatch(s *session, args [][]byte) error {
	s.cache.keys.unwatch(s)
	s.replies.ok()
	return nil
}

// outdated reports whether a key that the session watches has changed, or has
// ended.
func (k *keyspace) outdated(s *session) bool {
	for name := range s.watched {
		k.find([]byte(name))
	}
	return s.outdated
}

func (k *keyspace) unwatch(s *session) {
	for name := range s.watched {
		others := slices.DeleteFunc(k.watchers[name], func(o *session) bool { return o == s })
		if len(others) == 0 {
			delete(k.watchers, name)
		} else {
			k.watchers[name] = others
		}
	}
	clear(s.watched)
	s.outdated = false
}
