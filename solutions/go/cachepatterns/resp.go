package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	longestBulk = 1 << 20
	mostItems   = 1 << 20
	deepest     = 4
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

// and is the command with more words.
func (c command) and(more ...string) command { return append(c, words(more...)...) }

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

func readValue(r *bufio.Reader, depth int) (value, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return value{}, errNotRESP
	}
	if err != nil {
		return value{}, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return value{}, errNotRESP
	}
	kind, text := line[0], string(line[1:len(line)-2])
	switch kind {
	case '+', '-', ':':
		return value{kind: kind, text: []byte(text)}, nil
	case '$':
		return readBulk(r, text)
	case '*':
		return readArray(r, text, depth)
	}
	return value{}, errNotRESP
}

// readBulk passes over a string that no entry is as long as: it is there, and has no text.
func readBulk(r *bufio.Reader, text string) (value, error) {
	size, err := readSize(text)
	if err != nil || size == -1 {
		return value{kind: '$', null: true}, err
	}
	if size > longestBulk {
		_, err := r.Discard(size + 2)
		return value{kind: '$'}, err
	}
	octets := make([]byte, size+2)
	if _, err := io.ReadFull(r, octets); err != nil {
		return value{}, err
	}
	if string(octets[size:]) != "\r\n" {
		return value{}, errNotRESP
	}
	return value{kind: '$', text: octets[:size]}, nil
}

func readArray(r *bufio.Reader, text string, depth int) (value, error) {
	count, err := readSize(text)
	if err != nil || count == -1 {
		return value{kind: '*', null: true}, err
	}
	if count > mostItems || depth == deepest {
		return value{}, errNotRESP
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

// readSize is digits, or -1. Atoi alone would take "+5".
func readSize(text string) (int, error) {
	if text == "-1" {
		return -1, nil
	}
	size, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, errNotRESP
	}
	return int(size), nil
}
