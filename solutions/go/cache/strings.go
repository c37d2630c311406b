package main

import (
	"math"
	"strconv"
)

var stringCommands = []command{
	{"SET", -3, writes | grows, oneKey, set},
	{"SETNX", 3, writes | grows | fast, oneKey, setNX},
	{"SETEX", 4, writes | grows, oneKey, setEnding(1000)},
	{"PSETEX", 4, writes | grows, oneKey, setEnding(1)},
	{"GET", 2, fast, oneKey, get},
	{"GETDEL", 2, writes | fast, oneKey, getDel},
	{"GETSET", 3, writes | grows | fast, oneKey, getSet},
	{"MGET", -2, fast, allKeys, mGet},
	{"MSET", -3, writes | grows, pairKeys, mSet},
	{"APPEND", 3, writes | grows | fast, oneKey, appendText},
	{"STRLEN", 2, fast, oneKey, strLen},
	{"INCR", 2, writes | grows | fast, oneKey, incrementCommand(1)},
	{"DECR", 2, writes | grows | fast, oneKey, incrementCommand(-1)},
	{"INCRBY", 3, writes | grows | fast, oneKey, incrementByCommand(1)},
	{"DECRBY", 3, writes | grows | fast, oneKey, incrementByCommand(-1)},
}

// setOptions is what may follow SET key value.
type setOptions struct {
	nx, xx, get, keepEnd bool
	ends                 int64
}

func (s *session) readSetOptions(args [][]byte) (o setOptions, err error) {
	lifetimes := 0
	for i := 3; i < len(args); i++ {
		switch option := args[i]; {
		case is(option, "NX"):
			o.nx = true
		case is(option, "XX"):
			o.xx = true
		case is(option, "GET"):
			o.get = true
		case is(option, "KEEPTTL"):
			o.keepEnd = true
			lifetimes++
		default:
			unit, fromNow, ok := lifetimeOption(option)
			if i++; !ok || i == len(args) {
				return o, errSyntax
			}
			if o.ends, err = s.positiveMoment(args[i], unit, fromNow, args[0]); err != nil {
				return o, err
			}
			lifetimes++
		}
	}
	if lifetimes > 1 || o.nx && o.xx {
		return o, errSyntax
	}
	return o, nil
}

func lifetimeOption(option []byte) (unit int64, fromNow, ok bool) {
	switch {
	case is(option, "EX"):
		return 1000, true, true
	case is(option, "PX"):
		return 1, true, true
	case is(option, "EXAT"):
		return 1000, false, true
	case is(option, "PXAT"):
		return 1, false, true
	}
	return 0, false, false
}

// positiveMoment is momentOf for commands that do not take a lifetime of zero
// or less.
func (s *session) positiveMoment(
	argument []byte, unit int64, fromNow bool, by []byte,
) (int64, error) {
	if number, err := integerOf(argument); err == nil && number <= 0 {
		return 0, failure("ERR invalid expire time in '" + lower(by) + "' command")
	}
	return s.momentOf(argument, unit, fromNow, by)
}

func set(s *session, args [][]byte) error {
	options, err := s.readSetOptions(args)
	if err != nil {
		return err
	}
	keys := &s.cache.keys
	e := keys.use(args[1])
	if options.get {
		if err := s.replyText(e); err != nil {
			return err
		}
	}
	refused := options.nx && e != nil || options.xx && e == nil
	if !refused {
		if options.keepEnd && e != nil {
			options.ends = e.ends
		}
		s.store(args[1], args[2], options.ends)
	}
	switch {
	case options.get:
	case refused:
		s.replies.null()
	default:
		s.replies.ok()
	}
	return nil
}

// store sets a key to a string, or removes it where that is over already.
func (s *session) store(key, content []byte, ends int64) {
	keys := &s.cache.keys
	if ends != 0 && ends <= keys.now {
		if e := keys.find(key); e != nil {
			keys.remove(e)
			s.instead([]byte("DEL"), key)
		}
		return
	}
	keys.put(key, text(keep(content)), ends)
	if ends == 0 {
		s.instead([]byte("SET"), key, content)
	} else {
		s.instead([]byte("SET"), key, content, []byte("PXAT"), strconv.AppendInt(nil, ends, 10))
	}
}

// replyText answers what is there, when it is a string.
func (s *session) replyText(e *entry) error {
	if e == nil {
		s.replies.null()
		return nil
	}
	content, ok := e.value.(text)
	if !ok {
		return errWrongType
	}
	s.replies.bulk(content)
	return nil
}

func setNX(s *session, args [][]byte) error {
	absent := s.cache.keys.use(args[1]) == nil
	if absent {
		s.store(args[1], args[2], 0)
	}
	s.replies.flag(absent)
	return nil
}

func setEnding(unit int64) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		ends, err := s.positiveMoment(args[2], unit, true, args[0])
		if err != nil {
			return err
		}
		s.store(args[1], args[3], ends)
		s.replies.ok()
		return nil
	}
}

func get(s *session, args [][]byte) error {
	return s.replyText(s.cache.keys.use(args[1]))
}

func getDel(s *session, args [][]byte) error {
	e := s.cache.keys.use(args[1])
	if err := s.replyText(e); err != nil {
		return err
	}
	if e != nil {
		s.cache.keys.remove(e)
		s.instead([]byte("DEL"), args[1])
	}
	return nil
}

func getSet(s *session, args [][]byte) error {
	if err := s.replyText(s.cache.keys.use(args[1])); err != nil {
		return err
	}
	s.store(args[1], args[2], 0)
	return nil
}

// mGet answers that there is none where a key holds another type.
func mGet(s *session, args [][]byte) error {
	s.replies.array(len(args) - 1)
	for _, key := range args[1:] {
		if s.replyText(s.cache.keys.use(key)) != nil {
			s.replies.null()
		}
	}
	return nil
}

func mSet(s *session, args [][]byte) error {
	if len(args)%2 == 0 {
		return wrongCount(args[0])
	}
	for i := 1; i < len(args); i += 2 {
		s.cache.keys.put(args[i], text(keep(args[i+1])), 0)
	}
	s.replies.ok()
	return nil
}

// appendText may write behind the end of the octets that are there: nobody
// else looks beyond.
func appendText(s *session, args [][]byte) error {
	keys := &s.cache.keys
	content, e, err := lookup[text](keys, args[1])
	if err != nil {
		return err
	}
	if len(content)+len(args[2]) > maxArgument {
		return errTooLong
	}
	if e == nil {
		e = keys.create(args[1], text(nil))
	}
	content = append(content, args[2]...)
	e.value = content
	keys.changed(e)
	s.replies.count(len(content))
	return nil
}

func strLen(s *session, args [][]byte) error {
	content, _, err := lookup[text](&s.cache.keys, args[1])
	if err == nil {
		s.replies.count(len(content))
	}
	return err
}

func incrementCommand(by int64) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error { return s.increment(args[1], by) }
}

func incrementByCommand(sign int64) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		by, err := integerOf(args[2])
		if err != nil {
			return err
		}
		if sign < 0 && by == math.MinInt64 {
			return failure("ERR decrement would overflow")
		}
		return s.increment(args[1], sign*by)
	}
}

func (s *session) increment(key []byte, by int64) error {
	keys := &s.cache.keys
	content, e, err := lookup[text](keys, key)
	if err != nil {
		return err
	}
	sum, err := addTo(content, e != nil, by)
	if err != nil {
		return err
	}
	if e == nil {
		e = keys.create(key, text(nil))
	}
	e.value = text(strconv.AppendInt(nil, sum, 10))
	keys.changed(e)
	s.replies.integer(sum)
	return nil
}

// addTo adds to the integer that a text is, to zero where there is none.
func addTo(content []byte, present bool, by int64) (int64, error) {
	value, ok := int64(0), true
	if present {
		value, ok = parseInteger(content)
	}
	if !ok {
		return 0, errNotInteger
	}
	if by > 0 && value > math.MaxInt64-by || by < 0 && value < math.MinInt64-by {
		return 0, failure("ERR increment or decrement would overflow")
	}
	return value + by, nil
}
