package main

import (
	"bytes"
	"math"
)

var listCommands = []command{
	{"LPUSH", -3, writes | grows | fast, oneKey, pushCommand((*deque).pushFront)},
	{"RPUSH", -3, writes | grows | fast, oneKey, pushCommand((*deque).pushBack)},
	{"LPOP", -2, writes | fast, oneKey, popCommand((*deque).popFront)},
	{"RPOP", -2, writes | fast, oneKey, popCommand((*deque).popBack)},
	{"LLEN", 2, fast, oneKey, lLen},
	{"LRANGE", 4, 0, oneKey, lRange},
	{"LINDEX", 3, 0, oneKey, lIndex},
	{"LSET", 4, writes | grows, oneKey, lSet},
	{"LREM", 4, writes, oneKey, lRem},
	{"LTRIM", 4, writes, oneKey, lTrim},
}

func pushCommand(push func(*deque, []byte)) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		list, e, err := obtain(&s.cache.keys, args[1], newDeque)
		if err != nil {
			return err
		}
		for _, value := range args[2:] {
			push(list, keep(value))
		}
		s.cache.keys.changed(e)
		s.replies.count(list.length)
		return nil
	}
}

// popCommand answers one value, or with a count an array of them.
func popCommand(pop func(*deque) []byte) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		if len(args) > 3 {
			return wrongCount(args[0])
		}
		counted := len(args) == 3
		count := int64(1)
		if counted {
			var err error
			if count, err = countOf(args[2]); err != nil {
				return err
			}
		}
		list, e, err := lookup[*deque](&s.cache.keys, args[1])
		if err != nil {
			return err
		}
		switch {
		case e == nil && counted:
			s.replies.nullArray()
			return nil
		case e == nil:
			s.replies.null()
			return nil
		}
		count = min(count, int64(list.length))
		if counted {
			s.replies.array(int(count))
		}
		for range count {
			s.replies.bulk(pop(list))
		}
		if count > 0 {
			s.cache.keys.changed(e)
		}
		return nil
	}
}

// countOf reads how many are wanted: none or more.
func countOf(argument []byte) (int64, error) {
	count, err := integerOf(argument)
	if err != nil || count < 0 {
		return 0, errNotPositive
	}
	return count, nil
}

func lLen(s *session, args [][]byte) error {
	list, err := s.readList(args[1])
	if err == nil {
		s.replies.count(list.length)
	}
	return err
}

// readList returns an empty one where there is none.
func (s *session) readList(key []byte) (*deque, error) {
	found, e, err := lookup[*deque](&s.cache.keys, key)
	if e == nil {
		found = newDeque()
	}
	return found, err
}

func lRange(s *session, args [][]byte) error {
	wanted, err := readWindow(args[2], args[3])
	if err != nil {
		return err
	}
	list, err := s.readList(args[1])
	if err != nil {
		return err
	}
	from, to := wanted.within(list.length)
	s.replies.array(to - from)
	for i := from; i < to; i++ {
		s.replies.bulk(list.at(i))
	}
	return nil
}

// place turns an index, counted from the end where it is negative, into one
// from the start.
func (d *deque) place(argument []byte) (at int, ok bool, err error) {
	index, err := integerOf(argument)
	if err != nil {
		return 0, false, err
	}
	if index < 0 {
		index += int64(d.length)
	}
	return int(index), 0 <= index && index < int64(d.length), nil
}

func lIndex(s *session, args [][]byte) error {
	list, err := s.readList(args[1])
	if err != nil {
		return err
	}
	if list.empty() {
		s.replies.null()
		return nil
	}
	at, ok, err := list.place(args[2])
	switch {
	case err != nil:
		return err
	case ok:
		s.replies.bulk(list.at(at))
	default:
		s.replies.null()
	}
	return nil
}

func lSet(s *session, args [][]byte) error {
	list, e, err := lookup[*deque](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	if e == nil {
		return errNoSuchKey
	}
	at, ok, err := list.place(args[2])
	if err != nil {
		return err
	}
	if !ok {
		return failure("ERR index out of range")
	}
	list.set(at, keep(args[3]))
	s.cache.keys.changed(e)
	s.replies.ok()
	return nil
}

// lRem removes the first so many that are equal, the last ones with a negative
// count, and all with zero.
func lRem(s *session, args [][]byte) error {
	count, err := integerOf(args[2])
	if err != nil {
		return err
	}
	list, e, err := lookup[*deque](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	if e == nil {
		s.replies.integer(0)
		return nil
	}
	skip, left := int64(0), count
	switch {
	case count == 0:
		left = math.MaxInt64
	case count < 0:
		left = math.MaxInt64
		skip = max(list.occurrences(args[3])+count, 0)
	}
	before := list.length
	list.keepIf(func(value []byte) bool {
		if left == 0 || !bytes.Equal(value, args[3]) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		left--
		return false
	})
	if list.length != before {
		s.cache.keys.changed(e)
	}
	s.replies.count(before - list.length)
	return nil
}

func (d *deque) occurrences(value []byte) (count int64) {
	for i := range d.length {
		if bytes.Equal(d.at(i), value) {
			count++
		}
	}
	return count
}

func lTrim(s *session, args [][]byte) error {
	wanted, err := readWindow(args[2], args[3])
	if err != nil {
		return err
	}
	list, e, err := lookup[*deque](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	if e != nil {
		from, to := wanted.within(list.length)
		for range list.length - to {
			list.popBack()
		}
		for range from {
			list.popFront()
		}
		s.cache.keys.changed(e)
	}
	s.replies.ok()
	return nil
}
