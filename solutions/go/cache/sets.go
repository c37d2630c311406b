package main

import "slices"

var setCommands = []command{
	{"SADD", -3, writes | grows | fast, oneKey, sAdd},
	{"SREM", -3, writes | fast, oneKey, sRem},
	{"SCARD", 2, fast, oneKey, sCard},
	{"SISMEMBER", 3, fast, oneKey, sIsMember},
	{"SMEMBERS", 2, 0, oneKey, sMembers},
	{"SINTER", -2, 0, allKeys, combineCommand(intersection)},
	{"SUNION", -2, 0, allKeys, combineCommand(union)},
	{"SDIFF", -2, 0, allKeys, combineCommand(difference)},
	{"SPOP", -2, writes | fast, oneKey, sPop},
}

const memberCost = 70 // an item, its place in the map, and a header

type members struct {
	table[struct{}]
	octets int64
}

func newMembers() *members { return &members{} }

func (m *members) kind() string { return "set" }
func (m *members) empty() bool  { return m.len() == 0 }
func (m *members) size() int64  { return tableCost + m.octets + int64(m.len())*memberCost }

func (m *members) add(member string) bool {
	if m.has(member) {
		return false
	}
	m.table.add(member, struct{}{})
	m.octets += int64(len(member))
	return true
}

func (m *members) remove(member string) bool {
	if !m.table.remove(member) {
		return false
	}
	m.octets -= int64(len(member))
	return true
}

// readSet returns an empty one where there is none.
func (s *session) readSet(key []byte) (*members, error) {
	found, e, err := lookup[*members](&s.cache.keys, key)
	if e == nil {
		found = newMembers()
	}
	return found, err
}

func sAdd(s *session, args [][]byte) error {
	set, e, err := obtain(&s.cache.keys, args[1], newMembers)
	if err != nil {
		return err
	}
	added := 0
	for _, member := range args[2:] {
		if set.add(string(member)) {
			added++
		}
	}
	if added > 0 {
		s.cache.keys.changed(e)
	}
	s.replies.count(added)
	return nil
}

func sRem(s *session, args [][]byte) error {
	set, e, err := lookup[*members](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	removed := 0
	for _, member := range args[2:] {
		if e != nil && set.remove(string(member)) {
			removed++
		}
	}
	if removed > 0 {
		s.cache.keys.changed(e)
	}
	s.replies.count(removed)
	return nil
}

func sCard(s *session, args [][]byte) error {
	set, err := s.readSet(args[1])
	if err == nil {
		s.replies.count(set.len())
	}
	return err
}

func sIsMember(s *session, args [][]byte) error {
	set, err := s.readSet(args[1])
	if err == nil {
		s.replies.flag(set.find(args[2]) != nil)
	}
	return err
}

func sMembers(s *session, args [][]byte) error {
	set, err := s.readSet(args[1])
	if err != nil {
		return err
	}
	s.replies.set(set.len())
	for _, member := range set.items {
		s.replies.text(member.key)
	}
	return nil
}

// combineCommand answers what a function makes of several sets. A key that is
// missing is an empty one.
func combineCommand(combine func([]*members) []string) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		sets := make([]*members, len(args)-1)
		for i, key := range args[1:] {
			var err error
			if sets[i], err = s.readSet(key); err != nil {
				return err
			}
		}
		found := combine(sets)
		s.replies.set(len(found))
		for _, member := range found {
			s.replies.text(member)
		}
		return nil
	}
}

// intersection goes through the smallest set and asks the others.
func intersection(sets []*members) (found []string) {
	slices.SortStableFunc(sets, func(a, b *members) int { return a.len() - b.len() })
	for _, member := range sets[0].items {
		missing := func(other *members) bool { return !other.has(member.key) }
		if !slices.ContainsFunc(sets[1:], missing) {
			found = append(found, member.key)
		}
	}
	return found
}

func union(sets []*members) (found []string) {
	seen := map[string]bool{}
	for _, set := range sets {
		for _, member := range set.items {
			if !seen[member.key] {
				seen[member.key] = true
				found = append(found, member.key)
			}
		}
	}
	return found
}

func difference(sets []*members) (found []string) {
	for _, member := range sets[0].items {
		present := func(other *members) bool { return other.has(member.key) }
		if !slices.ContainsFunc(sets[1:], present) {
			found = append(found, member.key)
		}
	}
	return found
}

// sPop removes members at random, so that the log has their names.
func sPop(s *session, args [][]byte) error {
	if len(args) > 3 {
		return errSyntax
	}
	counted := len(args) == 3
	count := int64(1)
	if counted {
		var err error
		if count, err = countOf(args[2]); err != nil {
			return err
		}
	}
	set, e, err := lookup[*members](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	if e == nil {
		set = newMembers()
	}
	count = min(count, int64(set.len()))
	switch {
	case counted:
		s.replies.set(int(count))
	case count == 0:
		s.replies.null()
	}
	if count == 0 {
		return nil
	}
	removal := [][]byte{[]byte("SREM"), args[1]}
	for range count {
		member := set.draw().key
		set.remove(member)
		s.replies.text(member)
		removal = append(removal, []byte(member))
	}
	s.cache.keys.changed(e)
	s.instead(removal...)
	return nil
}
