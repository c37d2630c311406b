package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A parameter is what CONFIG shows, and sets where set is not nil. To set is
// only to read the value and to say how it is put into force, so that a command
// with several parameters changes all of them or none.
type parameter struct {
	name string
	get  func(*cache) string
	set  func(*cache, []byte) (apply func(), ok bool)
}

var parameters = []parameter{
	{"maxmemory", func(c *cache) string { return strconv.FormatInt(c.limits.memory, 10) },
		func(c *cache, value []byte) (func(), bool) {
			octets, ok := parseMemory(value)
			return func() { c.limits.memory = octets }, ok
		}},
	{"maxmemory-policy", func(c *cache) string { return c.limits.policy },
		func(c *cache, value []byte) (func(), bool) {
			policy := lower(value)
			return func() { c.limits.policy = policy }, evictors[policy] != nil
		}},
	{"maxmemory-samples", func(c *cache) string { return strconv.Itoa(c.limits.samples) },
		func(c *cache, value []byte) (func(), bool) {
			samples, ok := parseInteger(value)
			return func() { c.limits.samples = int(samples) }, ok && 1 <= samples && samples <= 64
		}},
	{"appendfsync", func(c *cache) string { return c.settings.flushing.String() },
		func(c *cache, value []byte) (func(), bool) {
			flushing, ok := parseFlushing(string(value))
			return func() {
				c.settings.flushing = flushing
				c.log.setFlushing(flushing)
			}, ok
		}},
	{"appendonly", func(c *cache) string {
		if c.settings.appendOnly {
			return "yes"
		}
		return "no"
	}, nil},
	{"save", func(*cache) string { return "" }, nil},
	{"databases", func(*cache) string { return "1" }, nil},
	{"dir", func(c *cache) string { return c.settings.folder }, nil},
	{"port", func(c *cache) string { return c.settings.port }, nil},
}

// parseMemory reads octets: 100, 100k, 100kb, 100mb and so on.
func parseMemory(text []byte) (int64, bool) {
	units := []struct {
		suffix string
		octets int64
	}{
		{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30},
		{"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1},
	}
	for _, unit := range units {
		number, ok := bytes.CutSuffix(bytes.ToLower(text), []byte(unit.suffix))
		if !ok {
			continue
		}
		value, ok := parseInteger(number)
		return value * unit.octets, ok && 0 <= value && value <= (1<<62)/unit.octets
	}
	return 0, false
}

func configGet(s *session, args [][]byte) error {
	var found []*parameter
	for i := range parameters {
		for _, pattern := range args[2:] {
			if matches(bytes.ToLower(pattern), []byte(parameters[i].name)) {
				found = append(found, &parameters[i])
				break
			}
		}
	}
	s.replies.mapping(len(found))
	for _, p := range found {
		s.replies.text(p.name)
		s.replies.text(p.get(s.cache))
	}
	return nil
}

func configSet(s *session, args [][]byte) error {
	if len(args)%2 != 0 {
		return wrongCount([]byte("config|set"))
	}
	var changes []func()
	for i := 2; i < len(args); i += 2 {
		apply, err := s.cache.prepare(args[i], args[i+1])
		if err != nil {
			return err
		}
		changes = append(changes, apply)
	}
	for _, apply := range changes {
		apply()
	}
	s.cache.makeRoom()
	s.replies.ok()
	return nil
}

func (c *cache) prepare(name, value []byte) (func(), error) {
	for _, p := range parameters {
		if !strings.EqualFold(p.name, string(name)) {
			continue
		}
		if p.set == nil {
			return nil, failure(fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument "+
				"'%s') - can't set immutable config", p.name))
		}
		if apply, ok := p.set(c, value); ok {
			return apply, nil
		}
		return nil, failure(fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument "+
			"'%s') - argument couldn't be parsed", p.name))
	}
	return nil, failure(fmt.Sprintf("ERR Unknown option or number of arguments for CONFIG SET - '%s'",
		name))
}
