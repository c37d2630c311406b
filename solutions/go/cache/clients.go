package main

import (
	"bytes"
	"fmt"
	"slices"
)

// serverVersion is the release whose commands these are: client libraries look
// at it to know what they may ask for.
const serverVersion = "7.2.4"

var clientCommands = []command{
	{"PING", -1, fast | listens, noKeys, ping},
	{"ECHO", 2, fast, noKeys, echo},
	{"QUIT", -1, fast | immediate | listens, noKeys, quit},
	{"SELECT", 2, fast, noKeys, selectCommand},
	{"HELLO", -1, fast, noKeys, hello},
	{"RESET", 1, fast | immediate | listens, noKeys, reset},
	{"CLIENT", -2, 0, noKeys, choose([]subcommand{
		{"ID", 2, clientID},
		{"GETNAME", 2, clientGetName},
		{"SETNAME", 3, clientSetName},
		{"SETINFO", 4, clientSetInfo},
	})},
}

// ping answers a subscriber that speaks RESP2 in the shape of a message, since
// it expects nothing else.
func ping(s *session, args [][]byte) error {
	switch {
	case len(args) > 2:
		return wrongCount(args[0])
	case s.listening():
		s.replies.array(2)
		s.replies.text("pong")
		if len(args) == 2 {
			s.replies.bulk(args[1])
		} else {
			s.replies.text("")
		}
	case len(args) == 2:
		s.replies.bulk(args[1])
	default:
		s.replies.simple("PONG")
	}
	return nil
}

func echo(s *session, args [][]byte) error {
	s.replies.bulk(args[1])
	return nil
}

func quit(s *session, args [][]byte) error {
	s.leaving = true
	s.replies.ok()
	return nil
}

// selectCommand knows one database.
func selectCommand(s *session, args [][]byte) error {
	index, err := integerOf(args[1])
	if err != nil {
		return err
	}
	if index != 0 {
		return failure("ERR DB index is out of range")
	}
	s.replies.ok()
	return nil
}

func hello(s *session, args [][]byte) error {
	version := int64(s.replies.version)
	if len(args) > 1 {
		var ok bool
		if version, ok = parseInteger(args[1]); !ok {
			return failure("ERR Protocol version is not an integer or out of range")
		}
		if version != 2 && version != 3 {
			return failure("NOPROTO unsupported protocol version")
		}
	}
	name := s.name
	for i := 2; i < len(args); i++ {
		switch {
		case is(args[i], "SETNAME") && i+1 < len(args):
			if !isPlainName(args[i+1]) {
				return errName
			}
			name = string(args[i+1])
			i++
		case is(args[i], "AUTH") && i+2 < len(args):
			if !is(args[i+1], "default") {
				return failure("WRONGPASS invalid username-password pair or user is disabled.")
			}
			i += 2 // nobody set a password: any will do
		default:
			return failure(fmt.Sprintf("ERR Syntax error in HELLO option '%s'", args[i]))
		}
	}
	s.name, s.replies.version = name, int(version)
	s.introduce()
	return nil
}

func (s *session) introduce() {
	r := &s.replies
	r.mapping(7)
	r.text("server")
	r.text("redis")
	r.text("version")
	r.text(serverVersion)
	r.text("proto")
	r.count(r.version)
	r.text("id")
	r.integer(s.id)
	r.text("mode")
	r.text("standalone")
	r.text("role")
	r.text("master")
	r.text("modules")
	r.array(0)
}

// reset makes the session as it began.
func reset(s *session, args [][]byte) error {
	s.queue = transaction{}
	s.cache.keys.unwatch(s)
	s.cache.topics.forget(s)
	clear(s.channels)
	clear(s.patterns)
	s.name, s.replies.version = "", 2
	s.replies.simple("RESET")
	return nil
}

func clientID(s *session, args [][]byte) error {
	s.replies.integer(s.id)
	return nil
}

func clientGetName(s *session, args [][]byte) error {
	if s.name == "" {
		s.replies.null()
	} else {
		s.replies.text(s.name)
	}
	return nil
}

const errName failure = "ERR Client names cannot contain spaces, newlines or special characters."

func clientSetName(s *session, args [][]byte) error {
	if !isPlainName(args[2]) {
		return errName
	}
	s.name = string(args[2])
	s.replies.ok()
	return nil
}

func isPlainName(name []byte) bool {
	return !slices.ContainsFunc(name, func(c byte) bool { return c < '!' || c > '~' })
}

// clientSetInfo takes what a library says of itself, and has no use for it.
func clientSetInfo(s *session, args [][]byte) error {
	if !is(args[2], "LIB-NAME") && !is(args[2], "LIB-VER") {
		return failure(fmt.Sprintf("ERR Unrecognized option '%s'", args[2]))
	}
	if !isPlainName(args[3]) {
		return failure(fmt.Sprintf("ERR %s cannot contain spaces, newlines or special characters.",
			bytes.ToLower(args[2])))
	}
	s.replies.ok()
	return nil
}
