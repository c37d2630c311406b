package main

import (
	"bufio"
	"bytes"
	"errors"
	"strconv"
)

const maxInline = 64 << 10

const errQuotes = protocolError("unbalanced quotes in request")

// inline reads a line that somebody typed. LF alone may end it.
func (r *commandReader) inline() error {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if len(line) >= maxInline {
			return protocolError("too big inline request")
		}
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	args, err := splitLine(line, r.args)
	r.args = args
	return err
}

// splitLine appends the words of a line. A word may be quoted, in ” with \' or
// in "" with the escapes \n \r \t \b \a \xHH, and any other octet for itself.
func splitLine(line []byte, words [][]byte) ([][]byte, error) {
	for {
		line = bytes.TrimLeft(line, " \t\r\n\v\f\x00")
		if len(line) == 0 {
			return words, nil
		}
		word, rest, err := oneWord(line)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), rest
	}
}

func oneWord(line []byte) (word, rest []byte, err error) {
	word = []byte{}
	for len(line) > 0 {
		switch c := line[0]; {
		case isSpace(c):
			return word, line, nil
		case c == '"' || c == '\'':
			quoted, after, ok := unquote(line)
			if !ok || len(after) > 0 && !isSpace(after[0]) {
				return nil, nil, errQuotes
			}
			return append(word, quoted...), after, nil
		default:
			word, line = append(word, c), line[1:]
		}
	}
	return word, nil, nil
}

// unquote reads up to the quote that line begins with, and gives what follows.
func unquote(line []byte) (text, rest []byte, ok bool) {
	quote := line[0]
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == quote:
			return text, line[i+1:], true
		case line[i] != '\\' || i+1 == len(line):
			text = append(text, line[i])
		case quote == '\'':
			if line[i+1] == '\'' {
				i++
			}
			text = append(text, line[i])
		default:
			c, used := unescape(line[i+1:])
			text = append(text, c)
			i += used
		}
	}
	return nil, nil, false
}

// unescape reads what stands behind a backslash, and says how long it was.
func unescape(after []byte) (c byte, used int) {
	if after[0] == 'x' && len(after) >= 3 {
		if value, err := strconv.ParseUint(string(after[1:3]), 16, 8); err == nil {
			return byte(value), 3
		}
	}
	if at := bytes.IndexByte([]byte("nrtba"), after[0]); at >= 0 {
		return "\n\r\t\b\a"[at], 1
	}
	return after[0], 1
}

func isSpace(c byte) bool {
	return c == ' ' || '\t' <= c && c <= '\r' || c == 0
}
