package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

var serverCommands = []command{
	{"INFO", -1, 0, noKeys, info},
	{"CONFIG", -2, 0, noKeys, choose([]subcommand{
		{"GET", -3, configGet},
		{"SET", -4, configSet},
	})},
	{"COMMAND", -1, 0, noKeys, commandCommand},
	{"CLOCK", 3, 0, noKeys, clock},
}

// A section of INFO is a name and what it says.
type section struct {
	name string
	tell func(*cache, *strings.Builder)
}

var sections = []section{
	{"Server", func(c *cache, b *strings.Builder) {
		field(b, "redis_version", serverVersion)
		field(b, "redis_mode", "standalone")
		field(b, "os", runtime.GOOS)
		field(b, "process_id", os.Getpid())
		field(b, "tcp_port", c.settings.port)
		field(b, "uptime_in_seconds", int(time.Since(c.started).Seconds()))
	}},
	{"Clients", func(c *cache, b *strings.Builder) {
		field(b, "connected_clients", c.sessions)
	}},
	{"Memory", func(c *cache, b *strings.Builder) {
		field(b, "used_memory", c.keys.memory)
		field(b, "maxmemory", c.limits.memory)
		field(b, "maxmemory_policy", c.limits.policy)
	}},
	{"Persistence", func(c *cache, b *strings.Builder) {
		field(b, "loading", 0)
		field(b, "aof_enabled", c.settings.logs())
	}},
	{"Stats", func(c *cache, b *strings.Builder) {
		field(b, "total_connections_received", c.accepted)
		field(b, "total_commands_processed", c.commands)
		field(b, "expired_keys", c.keys.expired)
		field(b, "evicted_keys", c.keys.evicted)
		field(b, "keyspace_hits", c.keys.hits)
		field(b, "keyspace_misses", c.keys.misses)
		field(b, "pubsub_channels", len(c.topics.channels))
		field(b, "pubsub_patterns", len(c.topics.patterns))
	}},
	{"Replication", func(c *cache, b *strings.Builder) {
		field(b, "role", "master")
		field(b, "connected_slaves", 0)
	}},
	{"Keyspace", func(c *cache, b *strings.Builder) {
		if keys := c.keys.entries.len(); keys > 0 {
			field(b, "db0", fmt.Sprintf("keys=%d,expires=%d,avg_ttl=0", keys, len(c.keys.expiring)))
		}
	}},
}

func field(b *strings.Builder, name string, value any) {
	fmt.Fprintf(b, "%s:%v\r\n", name, value)
}

func info(s *session, args [][]byte) error {
	wanted := func(name string) bool {
		return len(args) == 1 || slices.ContainsFunc(args[1:], func(argument []byte) bool {
			return is(argument, name) || is(argument, "default") || is(argument, "all") ||
				is(argument, "everything")
		})
	}
	var b strings.Builder
	for _, section := range sections {
		if !wanted(section.name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		fmt.Fprintf(&b, "# %s\r\n", section.name)
		section.tell(s.cache, &b)
	}
	s.replies.verbatim(b.String())
	return nil
}

// commandCommand answers what there is: all that a client asks for before the
// person in front of it has typed anything.
func commandCommand(s *session, args [][]byte) error {
	if len(args) == 1 {
		s.describe(nil)
		return nil
	}
	return commandSubcommands(s, args)
}

var commandSubcommands = choose([]subcommand{
	{"COUNT", 2, func(s *session, args [][]byte) error {
		s.replies.count(len(commands))
		return nil
	}},
	{"DOCS", -2, func(s *session, args [][]byte) error {
		s.document(args[2:])
		return nil
	}},
	{"INFO", -2, func(s *session, args [][]byte) error {
		s.describe(args[2:])
		return nil
	}},
	{"LIST", 2, func(s *session, args [][]byte) error {
		s.replies.set(len(commands))
		for _, name := range slices.Sorted(maps.Keys(commands)) {
			s.replies.text(strings.ToLower(name))
		}
		return nil
	}},
})

// describe answers an array for each command: all when none is named.
func (s *session) describe(names [][]byte) {
	if len(names) == 0 {
		for name := range commands {
			names = append(names, []byte(name))
		}
	}
	s.replies.array(len(names))
	for _, name := range names {
		if cmd := findCommand(name); cmd != nil {
			s.describeOne(cmd)
		} else {
			s.replies.nullArray()
		}
	}
}

func (s *session) describeOne(cmd *command) {
	r := &s.replies
	r.array(10)
	r.text(strings.ToLower(cmd.name))
	r.count(cmd.arity)
	flags := cmd.flagNames()
	r.set(len(flags))
	for _, flag := range flags {
		r.simple(flag)
	}
	for _, place := range cmd.keys {
		r.count(place)
	}
	r.set(0)   // categories
	r.array(0) // tips
	r.array(0) // more about keys
	r.array(0) // subcommands
}

func (c *command) flagNames() (names []string) {
	switch {
	case c.flags&writes != 0:
		names = append(names, "write")
	case c.keys != noKeys:
		names = append(names, "readonly")
	}
	for _, known := range []struct {
		flag flags
		name string
	}{{grows, "denyoom"}, {fast, "fast"}, {listens, "pubsub"}, {outside, "no_multi"}} {
		if c.flags&known.flag != 0 {
			names = append(names, known.name)
		}
	}
	return names
}

// document answers a map for each command. There is one sentence for all of
// them.
func (s *session) document(names [][]byte) {
	if len(names) == 0 {
		for name := range commands {
			names = append(names, []byte(name))
		}
	}
	known := slices.DeleteFunc(slices.Clone(names), func(name []byte) bool {
		return findCommand(name) == nil
	})
	s.replies.mapping(len(known))
	for _, name := range known {
		s.replies.text(lower(name))
		s.replies.mapping(3)
		s.replies.text("summary")
		s.replies.text("As the command of this name in Redis and Valkey.")
		s.replies.text("since")
		s.replies.text("1.0.0")
		s.replies.text("group")
		s.replies.text("generic")
	}
}

// farthest is how far the clock can be put forward in all.
const farthest = 100 * 365 * 24 * time.Hour

// clock puts the clock forward, and does what is due by then: keys that end,
// and the flush that a second asks for.
func clock(s *session, args [][]byte) error {
	if !is(args[1], "ADVANCE") {
		return failure("ERR unknown subcommand. Try CLOCK ADVANCE milliseconds.")
	}
	c := s.cache
	number, err := countOf(args[2])
	if err != nil || number > (farthest-c.ahead).Milliseconds() {
		return errNotInteger
	}
	c.ahead += time.Duration(number) * time.Millisecond
	c.setTime()
	for c.keys.removeDue(tickCount) {
	}
	c.log.seal()
	c.log.flush()
	s.replies.ok()
	return nil
}
