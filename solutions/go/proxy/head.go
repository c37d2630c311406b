package main

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	maxStartLine = 16 << 10
	maxFields    = 64 << 10 // all field lines of a head together
)

// A request is a parsed head. Its target stays as it came.
type request struct {
	method string
	target string
	minor  int // of HTTP/1.x: 0, or 1 for all that is newer
	fields fields
}

// A response is the parsed head of what an upstream answers.
type response struct {
	code   int
	reason string
	minor  int
	fields fields
}

// A field is one field line, as it came; key is its name in lower case.
type field struct{ name, key, value string }

type fields []field

// all returns the values of the lines with the name, in order.
func (f fields) all(key string) (values []string) {
	for _, line := range f {
		if line.key == key {
			values = append(values, line.value)
		}
	}
	return values
}

func (f fields) has(key string) bool { return len(f.all(key)) > 0 }

// members returns the non-empty members of a comma-separated list, in lower
// case. It is for lists whose members hold no quoted strings.
func (f fields) members(key string) (members []string) {
	for member := range strings.SplitSeq(strings.Join(f.all(key), ","), ",") {
		if member = trimOWS(member); member != "" {
			members = append(members, strings.ToLower(member))
		}
	}
	return members
}

// lists reports whether a list holds the member, given in lower case.
func (f fields) lists(key, member string) bool { return slices.Contains(f.members(key), member) }

// persistent reports whether the peer expects the connection to go on
// (RFC 9112 §9.3).
func persistent(minor int, f fields) bool {
	switch {
	case f.lists("connection", "close"):
		return false
	case minor >= 1:
		return true
	default:
		return f.lists("connection", "keep-alive")
	}
}

// persistent reports whether the client's connection goes on behind its answer.
// A proxy keeps none to a client of HTTP/1.0, whatever it asks (RFC 9112 §9.3).
func (r *request) persistent() bool {
	return r.minor >= 1 && persistent(r.minor, r.fields)
}

// readRequest reads a request line and the fields up to the empty line, and
// makes every check that does not need the body.
func readRequest(in *bufio.Reader) (*request, error) {
	line, err := readLine(in, maxStartLine)
	if errors.Is(err, errLineTooLong) {
		return nil, tooLongLine(line)
	}
	if err != nil {
		return nil, err
	}
	req, err := parseRequestLine(string(line))
	if err != nil {
		return nil, err
	}
	if req.fields, err = readFields(in, maxFields); err != nil {
		return nil, err
	}
	return req, checkHost(req)
}

// readResponse reads a status line and fields.
func readResponse(in *bufio.Reader) (*response, error) {
	line, err := readLine(in, maxStartLine)
	if err != nil {
		return nil, err
	}
	resp, err := parseStatusLine(string(line))
	if err != nil {
		return nil, err
	}
	resp.fields, err = readFields(in, maxFields)
	return resp, err
}

// tooLongLine tells a long target, which has a status of its own, from a line
// that has no target at all.
func tooLongLine(line []byte) error {
	if method, _, found := strings.Cut(string(line), " "); found && isToken(method) {
		return &statusError{code: 414, why: "the target is longer than this proxy reads", closes: true}
	}
	return badRequest("the request line does not end")
}

// parseRequestLine reads `method SP request-target SP HTTP-version`
// (RFC 9112 §3). The lenient splitting that the section permits is not used:
// what it permits is where two parsers come to disagree.
func parseRequestLine(line string) (*request, error) {
	parts := strings.Split(line, " ")
	if len(parts) != 3 {
		return nil, badRequest("a request line is a method, a target and a version, one space between them")
	}
	method, target, version := parts[0], parts[1], parts[2]
	if !isToken(method) {
		return nil, badRequest("the method is no token")
	}
	major, minor, ok := parseVersion(version)
	switch {
	case !ok:
		return nil, badRequest("the version is not HTTP/digit.digit")
	case major != 1:
		return nil, &statusError{code: 505, why: "this proxy speaks HTTP/1.1", closes: true}
	}
	return &request{method: method, target: target, minor: min(minor, 1)}, checkTarget(method, target)
}

// parseStatusLine reads `HTTP-version SP status-code SP [ reason-phrase ]`
// (RFC 9112 §4). The space before an absent reason is often missing.
func parseStatusLine(line string) (*response, error) {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	major, minor, ok := parseVersion(version)
	if !ok || major != 1 || len(code) != 3 || code[0] < '1' || !isDigit(code[0]) || !isDigit(code[1]) || !isDigit(code[2]) {
		return nil, badRequest("no status line of HTTP/1.1")
	}
	for i := range len(reason) {
		if isControl(reason[i]) {
			return nil, badRequest("a control character in a reason phrase")
		}
	}
	number := int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	return &response{code: number, reason: reason, minor: min(minor, 1)}, nil
}

// parseVersion reads `HTTP/` DIGIT `.` DIGIT; the name is case-sensitive.
func parseVersion(text string) (major, minor int, ok bool) {
	if len(text) != len("HTTP/1.1") || text[:5] != "HTTP/" || text[6] != '.' ||
		!isDigit(text[5]) || !isDigit(text[7]) {
		return 0, 0, false
	}
	return int(text[5] - '0'), int(text[7] - '0'), true
}

// readFields reads field lines up to the empty line: those of a head, and
// those of a trailer section.
func readFields(in *bufio.Reader, limit int) (fields, error) {
	var all fields
	for {
		line, err := readLine(in, limit)
		if errors.Is(err, errLineTooLong) {
			return nil, &statusError{code: 431, why: "more header fields than this proxy reads", closes: true}
		}
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return all, nil
		}
		limit -= len(line) + len("\r\n")
		parsed, err := parseField(string(line))
		if err != nil {
			return nil, err
		}
		all = append(all, parsed)
	}
}

// parseField reads `field-name ":" OWS field-value OWS` (RFC 9112 §5).
func parseField(line string) (field, error) {
	if line[0] == ' ' || line[0] == '\t' {
		return field{}, badRequest("a field line starts with white space (obs-fold)")
	}
	name, value, found := strings.Cut(line, ":")
	switch {
	case !found:
		return field{}, badRequest("a field line without a colon")
	case !isToken(name):
		return field{}, badRequest("a field name is a token, with nothing between it and the colon")
	}
	value = trimOWS(value)
	for i := range len(value) {
		if isControl(value[i]) {
			return field{}, badRequest("a control character in a field value")
		}
	}
	return field{name, strings.ToLower(name), value}, nil
}

var errLineTooLong = errors.New("line too long")

// readLine reads up to CRLF, which is consumed and not returned. A CR or an
// LF alone is refused at once (RFC 9112 §2.2 would permit the LF). With
// errLineTooLong comes what has been read.
func readLine(in *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		b, err := in.ReadByte()
		if err != nil {
			return nil, noEOF(err)
		}
		switch {
		case b == '\n':
			return nil, badRequest("a line that ends with LF alone")
		case b == '\r':
			next, err := in.ReadByte()
			if err != nil {
				return nil, noEOF(err)
			}
			if next != '\n' {
				return nil, badRequest("a CR without its LF")
			}
			return line, nil
		case len(line) >= limit:
			return line, errLineTooLong
		}
		line = append(line, b)
	}
}

// noEOF turns an end in the middle of something into an error that is not
// mistaken for an orderly one.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func trimOWS(s string) string { return strings.Trim(s, " \t") }

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isAlpha(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// isControl is true for what no field value may hold (RFC 9110 §5.5).
func isControl(b byte) bool { return b < ' ' && b != '\t' || b == 0x7f }

// isToken checks `1*tchar` (RFC 9110 §5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if b := s[i]; !isDigit(b) && !isAlpha(b) && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(b)) {
			return false
		}
	}
	return s != ""
}
