package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A failure is an error as a client sees it: a word to compare, and a sentence.
type failure string

func (f failure) Error() string { return string(f) }

const (
	errWrongType   failure = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errSyntax      failure = "ERR syntax error"
	errNotInteger  failure = "ERR value is not an integer or out of range"
	errNotFloat    failure = "ERR value is not a valid float"
	errNotPositive failure = "ERR value is out of range, must be positive"
	errNoSuchKey   failure = "ERR no such key"
	errTooLong     failure = "ERR string exceeds maximum allowed size"
	errMemory      failure = "OOM command not allowed when used memory > 'maxmemory'"
)

type flags int

const (
	writes    flags = 1 << iota // may change keys
	grows                       // may need memory
	fast                        // takes the same time whatever the keys hold
	immediate                   // is not queued between MULTI and EXEC
	outside                     // makes no sense there at all
	listens                     // is open to a subscriber that speaks RESP2
)

// A command as COMMAND tells of it. arity counts the name; below zero, it is
// the least. keys are the places of the first and the last key, and the step.
type command struct {
	name  string
	arity int
	flags flags
	keys  [3]int
	run   func(*session, [][]byte) error
}

var (
	noKeys   = [3]int{0, 0, 0}
	oneKey   = [3]int{1, 1, 1}
	allKeys  = [3]int{1, -1, 1}
	pairKeys = [3]int{1, -1, 2}
)

// commands by name, in capitals. Some of them look into it, so that it cannot
// be made where it is declared.
var commands = map[string]*command{}

func init() {
	tables := [][]command{
		clientCommands, serverCommands, transactionCommands, publishCommands, keyCommands,
		expiryCommands, stringCommands, listCommands, hashCommands, setCommands, sortedSetCommands,
	}
	for _, table := range tables {
		for i := range table {
			commands[table[i].name] = &table[i]
		}
	}
}

const longestName = 32

// findCommand looks a name up without regard to case.
func findCommand(name []byte) *command {
	var capitals [longestName]byte
	if len(name) > longestName {
		return nil
	}
	for i, c := range name {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		capitals[i] = c
	}
	return commands[string(capitals[:len(name)])]
}

// dispatch runs, queues or refuses a command, and writes what it answers. The
// cache's lock is held.
func (s *session) dispatch(args [][]byte) {
	cmd, err := s.admit(args)
	switch {
	case err != nil:
		s.queue.spoiled = true // of no meaning outside a transaction
		s.replies.err(err)
	case s.queue.open && cmd.flags&immediate == 0:
		s.queue.add(cmd, args)
		s.replies.simple("QUEUED")
	default:
		s.run(cmd, args)
	}
}

// admit finds the command, and says why it cannot be run.
func (s *session) admit(args [][]byte) (*command, error) {
	cmd := findCommand(args[0])
	switch {
	case cmd == nil:
		s.leaving = isHTTP(args[0])
		return nil, unknownCommand(args)
	case cmd.arity > 0 && len(args) != cmd.arity || len(args) < -cmd.arity:
		return nil, wrongCount(args[0])
	case s.listening() && cmd.flags&listens == 0:
		return nil, failure(fmt.Sprintf("ERR Can't execute '%s': only (P|S)SUBSCRIBE / "+
			"(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", lower(args[0])))
	case s.queue.open && cmd.flags&outside != 0:
		return nil, failure(fmt.Sprintf("ERR Command '%s' not allowed inside a transaction",
			lower(args[0])))
	case cmd.flags&grows != 0 && !s.cache.makeRoom():
		return nil, errMemory
	}
	return cmd, nil
}

// run executes a command and logs its effect, where there is one.
func (s *session) run(cmd *command, args [][]byte) {
	keys := &s.cache.keys
	before := keys.changes
	keys.reading = cmd.flags&writes == 0
	s.effect = args
	if err := cmd.run(s, args); err != nil {
		s.replies.err(err)
		return
	}
	if keys.changes != before && cmd.flags&writes != 0 {
		keys.log.add(s.effect...)
	}
	s.effect = nil
}

// refuse answers octets that are no command. The connection ends with it.
func (c *cache) refuse(s *session, broken protocolError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.replies.err(failure("ERR " + broken.Error()))
	s.handOver()
}

// isHTTP reports whether a browser is talking. A web page can have it send to
// this machine what it likes: each line of its body would be a command.
func isHTTP(name []byte) bool { return is(name, "POST") || is(name, "Host:") }

const longestEcho = 128 // of what is quoted in an error

func unknownCommand(args [][]byte) error {
	var quoted strings.Builder
	for _, argument := range args[1:] {
		if quoted.Len() >= longestEcho {
			break
		}
		fmt.Fprintf(&quoted, "'%s' ", argument[:min(len(argument), longestEcho)])
	}
	name := args[0][:min(len(args[0]), longestEcho)]
	return failure(fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s",
		name, quoted.String()))
}

func wrongCount(name []byte) error {
	return failure(fmt.Sprintf("ERR wrong number of arguments for '%s' command", lower(name)))
}

func lower(name []byte) string { return strings.ToLower(string(name)) }

// is compares an option without regard to case.
func is(argument []byte, option string) bool {
	return len(argument) == len(option) && bytes.EqualFold(argument, []byte(option))
}

// integerOf reads an argument that has to be an integer.
func integerOf(argument []byte) (int64, error) {
	if value, ok := parseInteger(argument); ok {
		return value, nil
	}
	return 0, errNotInteger
}

// A subcommand is a command whose second word says what it does.
type subcommand struct {
	name  string
	arity int // with both words, as of a command
	run   func(*session, [][]byte) error
}

// choose runs the one that the second word names.
func choose(subcommands []subcommand) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		at := slices.IndexFunc(subcommands, func(c subcommand) bool { return is(args[1], c.name) })
		if at < 0 {
			return failure(fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.",
				args[1][:min(len(args[1]), longestEcho)], strings.ToUpper(string(args[0]))))
		}
		chosen := subcommands[at]
		if chosen.arity > 0 && len(args) != chosen.arity || len(args) < -chosen.arity {
			return wrongCount([]byte(string(args[0]) + "|" + string(args[1])))
		}
		return chosen.run(s, args)
	}
}
