package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

const (
	maxArguments = math.MaxInt32
	maxArgument  = 512 << 20 // octets of one
	maxCommand   = 1 << 30   // octets of all arguments, with what they cost here
	argumentCost = 24        // a slice

	readSize  = 4 << 10  // the buffer of an idle connection
	blockSize = 4 << 10  // where small arguments lie
	pieceSize = 32 << 10 // how far memory runs ahead of a long argument
	keptSize  = 64 << 10 // buffers that grew beyond are not kept
)

// A protocolError says why bytes are no command. There is no way to find where
// the next command begins, so it is the last thing that a client is told.
type protocolError string

func (e protocolError) Error() string { return "Protocol error: " + string(e) }

// A commandReader makes commands of bytes:
//
//	*2 CRLF $3 CRLF GET CRLF $1 CRLF a CRLF     an array of bulk strings
//	GET a CRLF                                  the same, inline
//
// Memory follows the octets that came, never a length that was promised.
type commandReader struct {
	in    *bufio.Reader
	args  [][]byte
	block []byte // small arguments, one after another
	size  int    // of the command so far
}

func newCommandReader(r io.Reader) *commandReader {
	return &commandReader{in: bufio.NewReaderSize(r, readSize)}
}

// next returns the next command, which has at least a name. The arguments are
// good until next is called again: keep makes one that lasts.
func (r *commandReader) next() ([][]byte, error) {
	for {
		r.reset()
		first, err := r.in.Peek(1)
		if err != nil {
			return nil, err
		}
		if first[0] == '*' {
			err = r.array()
		} else {
			err = r.inline()
		}
		if err != nil {
			return nil, err
		}
		if len(r.args) > 0 {
			return r.args, nil
		}
	}
}

func (r *commandReader) reset() {
	r.size = 0
	clear(r.args) // a long one is not held while nothing comes
	r.args = r.args[:0]
	if cap(r.args)*argumentCost > keptSize {
		r.args = nil
	}
	r.block = r.block[:0]
	if cap(r.block) > blockSize {
		r.block = nil
	}
}

// array reads a count and as many arguments. A count below one is no command.
func (r *commandReader) array() error {
	count, err := r.number('*', "multibulk length")
	if err != nil {
		return err
	}
	if count > maxArguments {
		return protocolError("invalid multibulk length")
	}
	for range count {
		length, err := r.number('$', "bulk length")
		if err != nil {
			return err
		}
		if length < 0 || length > maxArgument {
			return protocolError("invalid bulk length")
		}
		if r.size += int(length) + argumentCost; r.size > maxCommand {
			return protocolError("too big command")
		}
		argument, err := r.argument(int(length))
		if err != nil {
			return err
		}
		if err := r.lineEnd(); err != nil {
			return err
		}
		r.args = append(r.args, argument)
	}
	return nil
}

// number reads a line that is a kind and a decimal: "*3" or "$5".
func (r *commandReader) number(kind byte, what string) (int64, error) {
	first, err := r.in.Peek(1)
	if err != nil {
		return 0, err
	}
	if first[0] != kind {
		return 0, protocolError(fmt.Sprintf("expected '%c', got %q", kind, first[0]))
	}
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return 0, protocolError("too long " + what)
	}
	if err != nil {
		return 0, err
	}
	digits, ok := bytes.CutSuffix(line[1:], []byte("\r\n"))
	if !ok {
		return 0, protocolError("a line that does not end with CRLF")
	}
	value, ok := parseInteger(digits)
	if !ok {
		return 0, protocolError("invalid " + what)
	}
	return value, nil
}

// argument reads length octets: into the block when they are few, and else
// into memory of their own.
func (r *commandReader) argument(length int) ([]byte, error) {
	if length >= sharedSize {
		return r.longArgument(length)
	}
	if cap(r.block)-len(r.block) < length {
		r.block = make([]byte, 0, max(blockSize, length))
	}
	start := len(r.block)
	r.block = r.block[:start+length]
	argument := r.block[start : start+length : start+length]
	_, err := io.ReadFull(r.in, argument)
	return argument, err
}

// longArgument reads piece by piece, as the octets come.
func (r *commandReader) longArgument(length int) ([]byte, error) {
	var pieces [][]byte
	for left := length; left > 0; left -= pieceSize {
		piece := make([]byte, min(left, pieceSize))
		if _, err := io.ReadFull(r.in, piece); err != nil {
			return nil, err
		}
		pieces = append(pieces, piece)
	}
	if len(pieces) == 1 {
		return pieces[0], nil
	}
	return bytes.Join(pieces, nil), nil
}

func (r *commandReader) lineEnd() error {
	for _, wanted := range []byte("\r\n") {
		found, err := r.in.ReadByte()
		if err != nil {
			return err
		}
		if found != wanted {
			return protocolError("an argument that is longer than its length")
		}
	}
	return nil
}

// keep returns an argument to hold on to. A long one has memory of its own.
func keep(argument []byte) []byte {
	if len(argument) >= sharedSize {
		return argument
	}
	return append(make([]byte, 0, len(argument)), argument...)
}

// parseInteger reads a decimal of 64 bits as it would be written: no sign but
// a minus, no zero in front, no space.
func parseInteger(text []byte) (int64, bool) {
	digits := bytes.TrimPrefix(text, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	if digits[0] == '0' && len(text) > 1 {
		return 0, false
	}
	value, err := strconv.ParseInt(string(text), 10, 64)
	return value, err == nil
}
