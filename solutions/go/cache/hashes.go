package main

import "strconv"

var hashCommands = []command{
	{"HSET", -4, writes | grows | fast, oneKey, hSet},
	{"HGET", 3, fast, oneKey, hGet},
	{"HMGET", -3, fast, oneKey, hmGet},
	{"HDEL", -3, writes | fast, oneKey, hDel},
	{"HLEN", 2, fast, oneKey, hLen},
	{"HEXISTS", 3, fast, oneKey, hExists},
	{"HGETALL", 2, 0, oneKey, hGetAll},
	{"HKEYS", 2, 0, oneKey, hKeys},
	{"HVALS", 2, 0, oneKey, hVals},
	{"HINCRBY", 4, writes | grows | fast, oneKey, hIncrBy},
}

const fieldCost = 100 // an item, its place in the map, and two headers

// A hash keeps its fields in the order in which they came, as long as none is
// removed.
type hash struct {
	fields table[[]byte]
	octets int64
}

func newHash() *hash { return &hash{} }

func (h *hash) kind() string { return "hash" }
func (h *hash) empty() bool  { return h.fields.len() == 0 }
func (h *hash) size() int64  { return tableCost + h.octets + int64(h.fields.len())*fieldCost }

// set reports whether the field is new.
func (h *hash) set(field, value []byte) bool {
	if found := h.fields.find(field); found != nil {
		h.octets += int64(len(value) - len(found.value))
		found.value = value
		return false
	}
	h.fields.add(string(field), value)
	h.octets += int64(len(field) + len(value))
	return true
}

func (h *hash) remove(field []byte) bool {
	found := h.fields.find(field)
	if found == nil {
		return false
	}
	h.octets -= int64(len(found.key) + len(found.value))
	return h.fields.remove(found.key)
}

// readHash returns an empty one where there is none.
func (s *session) readHash(key []byte) (*hash, error) {
	found, e, err := lookup[*hash](&s.cache.keys, key)
	if e == nil {
		found = newHash()
	}
	return found, err
}

func hSet(s *session, args [][]byte) error {
	if len(args)%2 != 0 {
		return wrongCount(args[0])
	}
	fields, e, err := obtain(&s.cache.keys, args[1], newHash)
	if err != nil {
		return err
	}
	added := 0
	for i := 2; i < len(args); i += 2 {
		if fields.set(args[i], keep(args[i+1])) {
			added++
		}
	}
	s.cache.keys.changed(e)
	s.replies.count(added)
	return nil
}

func hGet(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err == nil {
		s.replies.maybe(found.fields.find(args[2]))
	}
	return err
}

func hmGet(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err != nil {
		return err
	}
	s.replies.array(len(args) - 2)
	for _, field := range args[2:] {
		s.replies.maybe(found.fields.find(field))
	}
	return nil
}

func hDel(s *session, args [][]byte) error {
	fields, e, err := lookup[*hash](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	removed := 0
	for _, field := range args[2:] {
		if e != nil && fields.remove(field) {
			removed++
		}
	}
	if removed > 0 {
		s.cache.keys.changed(e)
	}
	s.replies.count(removed)
	return nil
}

func hLen(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err == nil {
		s.replies.count(found.fields.len())
	}
	return err
}

func hExists(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err == nil {
		s.replies.flag(found.fields.find(args[2]) != nil)
	}
	return err
}

func hGetAll(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err != nil {
		return err
	}
	s.replies.mapping(found.fields.len())
	for _, field := range found.fields.items {
		s.replies.text(field.key)
		s.replies.bulk(field.value)
	}
	return nil
}

func hKeys(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err != nil {
		return err
	}
	s.replies.array(found.fields.len())
	for _, field := range found.fields.items {
		s.replies.text(field.key)
	}
	return nil
}

func hVals(s *session, args [][]byte) error {
	found, err := s.readHash(args[1])
	if err != nil {
		return err
	}
	s.replies.array(found.fields.len())
	for _, field := range found.fields.items {
		s.replies.bulk(field.value)
	}
	return nil
}

func hIncrBy(s *session, args [][]byte) error {
	by, err := integerOf(args[3])
	if err != nil {
		return err
	}
	found, err := s.readHash(args[1])
	if err != nil {
		return err
	}
	var before []byte
	field := found.fields.find(args[2])
	if field != nil {
		before = field.value
	}
	sum, err := addTo(before, field != nil, by)
	if err == errNotInteger {
		return failure("ERR hash value is not an integer")
	}
	if err != nil {
		return err
	}
	fields, e, _ := obtain(&s.cache.keys, args[1], newHash)
	fields.set(args[2], strconv.AppendInt(nil, sum, 10))
	s.cache.keys.changed(e)
	s.replies.integer(sum)
	return nil
}
