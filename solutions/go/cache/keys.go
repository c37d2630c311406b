package main

import "strconv"

var keyCommands = []command{
	{"DEL", -2, writes, allKeys, del},
	{"UNLINK", -2, writes | fast, allKeys, del},
	{"EXISTS", -2, fast, allKeys, exists},
	{"TYPE", 2, fast, oneKey, typeOf},
	{"RENAME", 3, writes, [3]int{1, 2, 1}, rename},
	{"KEYS", 2, 0, noKeys, keysCommand},
	{"SCAN", -2, 0, noKeys, scan},
	{"DBSIZE", 1, fast, noKeys, dbSize},
	{"FLUSHALL", -1, writes, noKeys, flushAll},
	{"FLUSHDB", -1, writes, noKeys, flushAll},
}

func del(s *session, args [][]byte) error {
	keys := &s.cache.keys
	removed := 0
	for _, key := range args[1:] {
		if e := keys.find(key); e != nil {
			keys.remove(e)
			removed++
		}
	}
	s.replies.count(removed)
	return nil
}

// exists counts a key as often as it is named.
func exists(s *session, args [][]byte) error {
	found := 0
	for _, key := range args[1:] {
		if s.cache.keys.find(key) != nil {
			found++
		}
	}
	s.replies.count(found)
	return nil
}

func typeOf(s *session, args [][]byte) error {
	if e := s.cache.keys.find(args[1]); e != nil {
		s.replies.simple(e.value.kind())
	} else {
		s.replies.simple("none")
	}
	return nil
}

// rename moves a value and its lifetime.
func rename(s *session, args [][]byte) error {
	keys := &s.cache.keys
	e := keys.find(args[1])
	if e == nil {
		return errNoSuchKey
	}
	if string(args[1]) != string(args[2]) {
		v, ends := e.value, e.ends
		keys.remove(e)
		keys.put(args[2], v, ends)
	}
	s.replies.ok()
	return nil
}

func keysCommand(s *session, args [][]byte) error {
	keys := &s.cache.keys
	var found []string
	for _, candidate := range keys.entries.items {
		if !keys.over(candidate.value) && matches(args[1], []byte(candidate.key)) {
			found = append(found, candidate.key)
		}
	}
	s.replies.array(len(found))
	for _, key := range found {
		s.replies.text(key)
	}
	return nil
}

func scan(s *session, args [][]byte) error {
	cursor, err := strconv.ParseUint(string(args[1]), 10, 64)
	if err != nil {
		return failure("ERR invalid cursor")
	}
	count, wanted, err := s.scanOptions(args[2:])
	if err != nil {
		return err
	}
	var found []string
	next := s.cache.keys.entries.walk(cursor, count, func(candidate *item[*entry]) {
		if wanted(candidate.value) {
			found = append(found, candidate.key)
		}
	})
	s.replies.array(2)
	s.replies.text(strconv.FormatUint(next, 10))
	s.replies.array(len(found))
	for _, key := range found {
		s.replies.text(key)
	}
	return nil
}

const scanCount = 10

// scanOptions reads MATCH, COUNT and TYPE.
func (s *session) scanOptions(options [][]byte) (count int, wanted func(*entry) bool, err error) {
	if len(options)%2 != 0 {
		return 0, nil, errSyntax
	}
	count = scanCount
	var pattern, kind []byte
	for i := 0; i < len(options); i += 2 {
		argument := options[i+1]
		switch {
		case is(options[i], "MATCH"):
			pattern = argument
		case is(options[i], "TYPE"):
			kind = argument
		case is(options[i], "COUNT"):
			number, err := integerOf(argument)
			if err != nil {
				return 0, nil, err
			}
			if number < 1 {
				return 0, nil, errSyntax
			}
			count = int(number)
		default:
			return 0, nil, errSyntax
		}
	}
	return count, func(e *entry) bool {
		return !s.cache.keys.over(e) &&
			(pattern == nil || matches(pattern, []byte(e.key))) &&
			(kind == nil || is(kind, e.value.kind()))
	}, nil
}

func dbSize(s *session, args [][]byte) error {
	s.replies.count(s.cache.keys.entries.len())
	return nil
}

// flushAll does at once what SYNC and ASYNC ask for.
func flushAll(s *session, args [][]byte) error {
	if len(args) > 2 || len(args) == 2 && !is(args[1], "SYNC") && !is(args[1], "ASYNC") {
		return errSyntax
	}
	s.cache.keys.clear()
	s.replies.ok()
	return nil
}
