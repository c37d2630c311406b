package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
)

const (
	maxChunkLine  = 4 << 10
	maxExtensions = 256 << 10 // all chunk extensions of one body together
	maxTrailers   = 8 << 10
)

// A body reads the content of one request, and no byte more. Its Read returns
// io.EOF only where the framing says that the content ends.
type body struct {
	source io.Reader
	length int64 // declared, 0 without a body, -1 when chunked
	ask    func() error
	asked  bool // nothing is, or is no longer, waiting for 100 (Continue)
	ended  bool
	err    error // what Read failed with, for ever after
}

// newBody decides how the body is framed (RFC 9112 §6.3) and whether the
// client waits to be asked for it. ask sends the 100 (Continue).
func newBody(req *request, in *bufio.Reader, ask func() error) (*body, error) {
	length, err := framing(req)
	if err != nil {
		return nil, err
	}
	b := &body{length: length, ask: ask, asked: true}
	switch {
	case length < 0:
		b.source = &chunkedReader{in: in}
	case length > 0:
		b.source = &lengthReader{in: in, left: length}
	default:
		b.ended = true
	}
	// An HTTP/1.0 client cannot mean what it says here (RFC 9110 §10.1.1).
	if req.minor >= 1 {
		for _, expectation := range req.fields.members("expect") {
			if expectation != "100-continue" {
				return nil, &statusError{code: 417, why: "an expectation other than 100-continue", closes: true}
			}
			b.asked = b.ended
		}
	}
	return b, nil
}

// framing returns the declared length of the body, or -1 for chunked. Whatever
// leaves a doubt is refused, because the next server may resolve it otherwise.
func framing(req *request) (int64, error) {
	lengths := req.fields.all("content-length")
	_, coded := req.fields.joined("transfer-encoding")
	switch {
	case coded && len(lengths) > 0:
		return 0, badRequest("both Transfer-Encoding and Content-Length")
	case coded && req.minor < 1:
		return 0, badRequest("Transfer-Encoding in HTTP/1.0")
	case coded:
		return -1, checkCodings(req.fields.members("transfer-encoding"))
	case len(lengths) > 1:
		return 0, badRequest("more than one Content-Length")
	case len(lengths) == 1:
		return parseLength(lengths[0])
	default:
		return 0, nil
	}
}

// checkCodings accepts chunked alone. As the last of several it leaves the
// length clear, so the refusal says only that the others are not known here.
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
func parseLength(text string) (int64, error) {
	length, ok := parseDecimal(text)
	switch {
	case !ok:
		return 0, badRequest("a Content-Length is digits and nothing else")
	case length == math.MaxInt64:
		return 0, &statusError{code: 413, why: "a body of that length cannot be", closes: true}
	}
	return length, nil
}

// parseDecimal reads `1*DIGIT`. What is too large becomes math.MaxInt64.
func parseDecimal(text string) (value int64, ok bool) {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return 0, false
		}
		if value > (math.MaxInt64-9)/10 {
			value = math.MaxInt64
			continue
		}
		value = value*10 + int64(text[i]-'0')
	}
	return value, text != ""
}

// Read reads content; the first call asks a waiting client to send it.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.ended {
		return 0, io.EOF
	}
	if !b.asked {
		b.asked = true
		if b.err = b.ask(); b.err != nil {
			return 0, b.err
		}
	}
	n, err := b.source.Read(p)
	if err == io.EOF {
		b.ended = true
	} else if err != nil {
		b.err = err
	}
	return n, err
}

// copyTo reads the whole content into w. A body longer than limit is refused
// with 413: unread when it says so, or as soon as it goes beyond.
func (b *body) copyTo(w io.Writer, limit int64) error {
	tooLarge := &statusError{code: 413, why: "more content than this resource takes", closes: true}
	if b.length > limit {
		return tooLarge
	}
	if chunks, ok := b.source.(*chunkedReader); ok {
		chunks.limit, chunks.tooLarge = limit, tooLarge
	}
	_, err := io.Copy(w, b)
	return err
}

// skippable reports whether what is left of the body is worth reading for the
// sake of the next request. A client that still waits for 100 (Continue) may
// send its body or not after the final answer, so nothing can follow it.
func (b *body) skippable() bool {
	return b.ended || b.err == nil && b.asked && b.length <= skipBytes
}

// skip throws the rest away; it reports whether the end was reached.
func (b *body) skip(limit int64) bool {
	if b.ended {
		return true
	}
	io.CopyN(io.Discard, b, limit+1)
	return b.ended
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
	left       int64 // of the chunk being read
	started    bool  // a chunk has been read, so its CRLF comes first
	extensions int   // bytes of them so far

	total    int64 // content so far, the chunk being read included
	limit    int64 // for total; 0 for none
	tooLarge error // what to fail with beyond limit
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
		// The trailer fields are checked, and dropped: no resource has a use
		// for them, and to merge them into the head would be dangerous.
		if _, err := readFields(r.in, maxTrailers); err != nil {
			return err
		}
		return io.EOF
	}
	// Before the chunk, so that a large one is refused unread. The
	// difference cannot overflow, as the sum could.
	if r.limit > 0 && size > r.limit-r.total {
		return r.tooLarge
	}
	r.total += size
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
	for ; digits < len(line) && hexValue(line[digits]) >= 0; digits++ {
		if size > math.MaxInt64>>4 {
			return 0, 0, badRequest("a chunk size beyond 63 bits")
		}
		size = size<<4 | int64(hexValue(line[digits]))
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
