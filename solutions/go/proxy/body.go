package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

const (
	maxChunkLine  = 4 << 10
	maxExtensions = 256 << 10 // all chunk extensions of one body together
	maxTrailers   = 8 << 10
)

// A framing says where a body ends.
type framing int

const (
	unframed framing = iota // there is none
	byLength
	byChunks
	byClose // answers only
)

// A body reads the content of one message, and no byte more. Its Read returns
// io.EOF only where the framing says that the content ends.
type body struct {
	framing  framing
	length   int64 // of byLength
	source   io.Reader
	trailers fields // once a chunked body has been read
	ended    bool
	atEnd    func() // when its last byte has been read
}

func newBody(how framing, length int64, in *bufio.Reader) *body {
	b := &body{framing: how, length: length}
	switch {
	case how == byChunks:
		b.source = &chunkedReader{in: in, body: b}
	case how == byLength && length > 0:
		b.source = &lengthReader{in: in, left: length}
	case how == byClose:
		b.source = in
	default:
		b.ended = true
	}
	return b
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.source.Read(p)
	if b.ended = err == io.EOF; b.ended && b.atEnd != nil {
		b.atEnd()
	}
	return n, err
}

// requestFraming decides where a request's body ends (RFC 9112 §6.3).
// Whatever leaves a doubt is refused, because the upstream may resolve it
// otherwise.
func requestFraming(req *request) (framing, int64, error) {
	lengths, coded := req.fields.all("content-length"), req.fields.has("transfer-encoding")
	switch {
	case coded && len(lengths) > 0:
		return 0, 0, badRequest("both Transfer-Encoding and Content-Length")
	case coded && req.minor < 1:
		return 0, 0, badRequest("Transfer-Encoding in HTTP/1.0")
	case coded:
		return byChunks, 0, checkCodings(req.fields.members("transfer-encoding"))
	case len(lengths) > 1:
		return 0, 0, badRequest("more than one Content-Length")
	case len(lengths) == 1:
		length, err := parseLength(lengths[0])
		return byLength, length, err
	default:
		return unframed, 0, nil
	}
}

// responseFraming does the same for an answer to a method.
func responseFraming(method string, resp *response) (framing, int64, error) {
	lengths, coded := resp.fields.all("content-length"), resp.fields.has("transfer-encoding")
	if method == "HEAD" || resp.code < 200 || resp.code == 204 || resp.code == 304 {
		return unframed, 0, nil
	}
	switch {
	case coded && len(lengths) > 0:
		return 0, 0, badRequest("both Transfer-Encoding and Content-Length")
	case coded && resp.minor < 1:
		return 0, 0, badRequest("Transfer-Encoding in HTTP/1.0")
	case coded:
		return byChunks, 0, checkCodings(resp.fields.members("transfer-encoding"))
	case len(lengths) > 1:
		return 0, 0, badRequest("more than one Content-Length")
	case len(lengths) == 1:
		length, err := parseLength(lengths[0])
		return byLength, length, err
	default:
		return byClose, 0, nil
	}
}

// checkCodings accepts chunked alone: what is under another coding cannot be
// passed on by one who has to take chunked off and put it on again.
func checkCodings(codings []string) error {
	last := len(codings) - 1
	if slices.Index(codings, "chunked") != last || last < 0 {
		return badRequest("chunked is not the last transfer coding, once")
	}
	if last > 0 {
		return &statusError{code: 501, why: "a transfer coding other than chunked", closes: true}
	}
	return nil
}

// parseLength reads `1*DIGIT`: no sign, no list, no other base.
func parseLength(text string) (value int64, err error) {
	if !isDigits(text) {
		return 0, badRequest("a Content-Length is digits and nothing else")
	}
	for i := range len(text) {
		if value > (math.MaxInt64-9)/10 {
			return 0, &statusError{code: 413, why: "a body of that length cannot be", closes: true}
		}
		value = value*10 + int64(text[i]-'0')
	}
	return value, nil
}

// A lengthReader reads as many bytes as Content-Length declares.
type lengthReader struct {
	in   *bufio.Reader
	left int64
}

func (r *lengthReader) Read(p []byte) (int, error) {
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.in.Read(p)
	r.left -= int64(n)
	if err != nil {
		return n, noEOF(err)
	}
	if r.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

// A chunkedReader decodes the chunked coding (RFC 9112 §7.1):
//
//	5;name=value CRLF  hello CRLF  0 CRLF  Trailer: x CRLF  CRLF
type chunkedReader struct {
	in         *bufio.Reader
	body       *body
	left       int64 // of the chunk being read
	started    bool  // a chunk has been read, so its CRLF comes first
	extensions int   // bytes of them so far
}

func (r *chunkedReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.left == 0 {
		if err := r.nextChunk(); err != nil {
			return 0, err
		}
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.in.Read(p)
	r.left -= int64(n)
	return n, noEOF(err)
}

// nextChunk reads up to the first byte of the next chunk's content, or over
// the end of the body, and then returns io.EOF.
func (r *chunkedReader) nextChunk() error {
	if r.started {
		if err := r.endChunk(); err != nil {
			return err
		}
	}
	r.started = true
	line, err := readLine(r.in, maxChunkLine)
	if errors.Is(err, errLineTooLong) {
		return badRequest("a chunk size line too long")
	}
	if err != nil {
		return err
	}
	size, extension, err := parseChunkLine(line)
	if err != nil {
		return err
	}
	if r.extensions += extension; r.extensions > maxExtensions {
		return badRequest("too many chunk extensions")
	}
	if size == 0 {
		if r.body.trailers, err = readFields(r.in, maxTrailers); err != nil {
			return err
		}
		return io.EOF
	}
	r.left = size
	return nil
}

// endChunk reads the CRLF after a chunk, byte by byte: a wrong one is refused
// without waiting for another.
func (r *chunkedReader) endChunk() error {
	for _, want := range []byte("\r\n") {
		got, err := r.in.ReadByte()
		if err != nil {
			return noEOF(err)
		}
		if got != want {
			return badRequest("a chunk that does not end where its size says")
		}
	}
	return nil
}

// parseChunkLine reads `1*HEXDIG [ chunk-ext ]` and returns how long the
// ignored extension is.
func parseChunkLine(line []byte) (size int64, extension int, err error) {
	digits := 0
	for ; digits < len(line) && isHex(line[digits]); digits++ {
		if size > math.MaxInt64>>4 {
			return 0, 0, badRequest("a chunk size beyond 63 bits")
		}
		value := line[digits] | 0x20
		if isDigit(line[digits]) {
			value = line[digits] - '0'
		} else {
			value -= 'a' - 10
		}
		size = size<<4 | int64(value)
	}
	if digits == 0 {
		return 0, 0, badRequest("a chunk size is hexadecimal digits")
	}
	rest := line[digits:]
	if len(rest) > 0 && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(";")) {
		return 0, 0, badRequest("only an extension may follow a chunk size")
	}
	for _, b := range rest {
		if isControl(b) {
			return 0, 0, badRequest("a control character in a chunk extension")
		}
	}
	return size, len(rest), nil
}

// pass writes all of a body as it comes: read by read, so that nothing waits
// for more. moved is called after each piece that has been taken.
func pass(w io.Writer, b *body, chunked bool, moved func(piece []byte)) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := b.Read(buffer)
		if n > 0 {
			piece := buffer[:n]
			if chunked {
				piece = slices.Concat(fmt.Appendf(nil, "%x\r\n", n), piece, []byte("\r\n"))
			}
			if _, failed := w.Write(piece); failed != nil {
				return &writeError{failed}
			}
			moved(buffer[:n])
		}
		switch {
		case err == io.EOF && chunked:
			if _, failed := io.WriteString(w, lastChunk(b.trailers)); failed != nil {
				return &writeError{failed}
			}
			return nil
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// lastChunk ends a chunked body, with the trailers that may be passed on.
func lastChunk(trailers fields) string {
	var out strings.Builder
	out.WriteString("0\r\n")
	for _, line := range trailers {
		if !hopByHop[line.key] && line.key != "content-length" && line.key != "host" {
			out.WriteString(line.name + ": " + line.value + "\r\n")
		}
	}
	return out.String() + "\r\n"
}

// A writeError tells that the side written to failed, not the one read from.
type writeError struct{ error }

func (e *writeError) Unwrap() error { return e.error }
