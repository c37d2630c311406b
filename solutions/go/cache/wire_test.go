package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

// commandsOf reads all commands, words joined by |, until the end or an error.
func commandsOf(in io.Reader) (found []string, err error) {
	r := newCommandReader(in)
	for {
		args, err := r.next()
		if err != nil {
			return found, err
		}
		found = append(found, string(bytes.Join(args, []byte("|"))))
	}
}

func TestReadCommands(t *testing.T) {
	long := strings.Repeat("v", 100_000)
	cases := []struct {
		name, octets, want string
		broken             bool
	}{
		{"an array", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "GET|a", false},
		{"two of them", "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", "PING PING", false},
		{"an inline command", "GET a\r\n", "GET|a", false},
		{"LF alone ends a line", "GET a\n", "GET|a", false},
		{"no command", "*0\r\n*-1\r\n\r\nPING\r\n", "PING", false},
		{"an argument of any octets", "*1\r\n$4\r\n\r\n*1\r\n", "\r\n*1", false},
		{"an empty argument", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "ECHO|", false},
		{"a long argument", "*1\r\n$100000\r\n" + long + "\r\n", long, false},
		{"a length below zero", "PING\r\n*1\r\n$-1\r\n", "PING", true},
		{"a length with a plus sign", "*1\r\n$+4\r\nPING\r\n", "", true},
		{"a length with a zero in front", "*1\r\n$04\r\nPING\r\n", "", true},
		{"a length beyond the limit", "*1\r\n$536870913\r\n", "", true},
		{"a count beyond the limit", "*2147483648\r\n", "", true},
		{"a count that is no number", "*x\r\n", "", true},
		{"a number without an end", "*" + strings.Repeat("1", 10_000), "", true},
		{"an array in an array", "*1\r\n*1\r\n$4\r\nPING\r\n", "", true},
		{"an integer as an argument", "*1\r\n:4\r\n", "", true},
		{"more octets than announced", "*1\r\n$4\r\nPINGS\r\n", "", true},
		{"an inline command without an end", strings.Repeat("x", 65<<10), "", true},
		{"quotes that do not close", "GET 'a\r\n", "", true},
	}
	for _, c := range cases {
		for how, in := range map[string]io.Reader{
			"whole":     strings.NewReader(c.octets),
			"in pieces": iotest.OneByteReader(strings.NewReader(c.octets)),
		} {
			found, err := commandsOf(in)
			if got := strings.Join(found, " "); got != c.want {
				t.Errorf("%s, %s: got %.100q, want %.100q", c.name, how, got, c.want)
			}
			broken := protocolError("")
			if errors.As(err, &broken) != c.broken {
				t.Errorf("%s, %s: got error %v", c.name, how, err)
			}
		}
	}
}

func TestSplitLine(t *testing.T) {
	cases := []struct{ line, want string }{
		{`set a b`, `set|a|b`},
		{`  set   a `, `set|a`},
		{`set "a b" 'c d'`, `set|a b|c d`},
		{`set "\x41\n\"" 'it\'s'`, "set|A\n\"|it's"},
		{`set ""`, `set|`},
		{`set "a"b`, "unbalanced"},
		{`set "a`, "unbalanced"},
		{`set 'a\'`, "unbalanced"},
		{`set "a\"`, "unbalanced"},
	}
	for _, c := range cases {
		words, err := splitLine([]byte(c.line), nil)
		got := string(bytes.Join(words, []byte("|")))
		if err != nil {
			got = "unbalanced"
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestReplies(t *testing.T) {
	write := func(r *replies) {
		r.ok()
		r.null()
		r.nullArray()
		r.mapping(1)
		r.set(2)
		r.push(3)
		r.double(1.5)
		r.verbatim("hi")
		r.err(failure("ERR one\r\ntwo"))
	}
	cases := map[int]string{
		2: "+OK $-1 *-1 *2 *2 *3 $3 1.5 $2 hi -ERR one  two ",
		3: "+OK _ _ %1 ~2 >3 ,1.5 =6 txt:hi -ERR one  two ",
	}
	for version, want := range cases {
		r := &replies{version: version}
		write(r)
		if got := strings.ReplaceAll(string(r.buf), "\r\n", " "); got != want {
			t.Errorf("version %d: got %q, want %q", version, got, want)
		}
	}
}

func TestALongValueIsSentFromWhereItLies(t *testing.T) {
	value := bytes.Repeat([]byte("v"), sharedSize)
	r, all := &replies{version: 2}, &replies{version: 2}
	r.ok()
	r.bulk(value)
	r.ok()
	all.ok()
	all.append(r)
	if size := all.len(); size != 5+r.len() {
		t.Errorf("%d octets are counted", size)
	}
	parts := all.take()
	if len(parts) != 4 || &parts[2][0] != &value[0] {
		t.Errorf("%d parts, or a copy of the value", len(parts))
	}
	got := bytes.Join(parts, nil)
	want := "+OK\r\n+OK\r\n$16384\r\n" + string(value) + "\r\n+OK\r\n"
	if string(got) != want {
		t.Errorf("got %.40q", got)
	}
}

func TestMatches(t *testing.T) {
	cases := []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a*", "abc", true},
		{"*c", "abc", true}, {"*b", "abc", false}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"[abc]", "b", true}, {"[^abc]", "b", false}, {"[a-c]", "b", true}, {"[c-a]", "b", true},
		{`[\]]`, "]", true}, {`\*`, "*", true}, {`\*`, "a", false}, {"[a", "a", true},
		{"news.*.[a-z]?", "news.sport.uk", true}, {"**a**b", "xaxb", true},
		{strings.Repeat("*a", 40), strings.Repeat("a", 39) + "b", false},
	}
	for _, c := range cases {
		if got := matches([]byte(c.pattern), []byte(c.text)); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestParseInteger(t *testing.T) {
	for _, text := range []string{"0", "7", "-7", "9223372036854775807", "-9223372036854775808"} {
		if _, ok := parseInteger([]byte(text)); !ok {
			t.Errorf("%q is an integer", text)
		}
	}
	for _, text := range []string{"", "-", "+1", "01", "-0", " 1", "1 ", "1_0", "0x1", "1.0",
		"9223372036854775808", "-9223372036854775809"} {
		if _, ok := parseInteger([]byte(text)); ok {
			t.Errorf("%q is no integer", text)
		}
	}
}

func TestFormatScore(t *testing.T) {
	cases := map[float64]string{
		0: "0", 3: "3", -1.5: "-1.5", 0.1: "0.1", 1e17: "100000000000000000", 1e21: "1e+21",
		3e-7: "3e-7", 1e-10: "1e-10", math.Inf(1): "inf", math.Inf(-1): "-inf",
	}
	for value, want := range cases {
		if got := formatScore(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
