package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	longestBulk = 64 << 20
	mostItems   = 1 << 20
	deepest     = 8
)

// errNotRESP ends a connection: nobody knows where the next value would begin.
var errNotRESP = errors.New("what came is not RESP")

// command is its words.
type command [][]byte

func words(all ...string) command {
	made := make(command, len(all))
	for at, word := range all {
		made[at] = []byte(word)
	}
	return made
}

// appended is how many words follow, then each with its length in octets.
func (c command) appended(to []byte) []byte {
	to = fmt.Appendf(to, "*%d\r\n", len(c))
	for _, word := range c {
		to = fmt.Appendf(to, "$%d\r\n", len(word))
		to = append(append(to, word...), '\r', '\n')
	}
	return to
}

// value is one answer: a string (+ $), an error (-), a number (:) or an array (*).
// null is a string or an array that is not there.
type value struct {
	kind  byte
	text  []byte
	items []value
	null  bool
}

func (v value) isError() bool { return v.kind == '-' }

// str is the octets of a string that is there.
func (v value) str() ([]byte, bool) {
	return v.text, (v.kind == '$' || v.kind == '+') && !v.null
}

func readValue(r *bufio.Reader, depth int) (value, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			return value{}, errNotRESP
		}
		return value{}, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return value{}, errNotRESP
	}
	kind, text := line[0], line[1:len(line)-2]
	switch kind {
	case '+', '-', ':':
		return value{kind: kind, text: append([]byte(nil), text...)}, nil
	case '$':
		return readBulk(r, string(text))
	case '*':
		return readArray(r, string(text), depth)
	}
	return value{}, errNotRESP
}

func readBulk(r *bufio.Reader, text string) (value, error) {
	size, err := strconv.Atoi(text)
	if err != nil || size < -1 || size > longestBulk {
		return value{}, errNotRESP
	}
	if size == -1 {
		return value{kind: '$', null: true}, nil
	}
	octets := make([]byte, size+2)
	if _, err := io.ReadFull(r, octets); err != nil {
		return value{}, err
	}
	if octets[size] != '\r' || octets[size+1] != '\n' {
		return value{}, errNotRESP
	}
	return value{kind: '$', text: octets[:size]}, nil
}

func readArray(r *bufio.Reader, text string, depth int) (value, error) {
	count, err := strconv.Atoi(text)
	if err != nil || count < -1 || count > mostItems || depth >= deepest {
		return value{}, errNotRESP
	}
	if count == -1 {
		return value{kind: '*', null: true}, nil
	}
	made := value{kind: '*'}
	for range count {
		item, err := readValue(r, depth+1)
		if err != nil {
			return value{}, err
		}
		made.items = append(made.items, item)
	}
	return made, nil
}
