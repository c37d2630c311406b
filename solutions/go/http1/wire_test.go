package main

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// statusOf is the status that an error would be answered with, 0 for none.
func statusOf(err error) int {
	if err == nil {
		return 0
	}
	if status := asStatus(err); status != nil {
		return status.code
	}
	return -1
}

func TestReadHead(t *testing.T) {
	const line, host = "GET / HTTP/1.1\r\n", "Host: h\r\n"
	cases := []struct {
		name, head string
		want       int
	}{
		{"the least", line + host, 0},
		{"HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n", 0},
		{"HTTP/1.9 is served as 1.1", "GET / HTTP/1.9\r\n" + host, 0},
		{"absolute-form", "GET HTTP://other:80/x?y HTTP/1.1\r\n" + host, 0},
		{"the asterisk of OPTIONS", "OPTIONS * HTTP/1.1\r\n" + host, 0},
		{"the asterisk of GET", "GET * HTTP/1.1\r\n" + host, 400},
		{"two spaces", "GET  / HTTP/1.1\r\n" + host, 400},
		{"no version", "GET /\r\n" + host, 400},
		{"a version in lower case", "GET / http/1.1\r\n" + host, 400},
		{"another major version", "GET / HTTP/2.0\r\n" + host, 505},
		{"an unfinished percent triple", "GET /%4 HTTP/1.1\r\n" + host, 400},
		{"a NUL in the target", "GET /\x00 HTTP/1.1\r\n" + host, 400},
		{"userinfo", "GET http://u@h/ HTTP/1.1\r\n" + host, 400},
		{"no Host", line, 400},
		{"two Hosts", line + host + host, 400},
		{"a Host with a path", line + "Host: h/x\r\n", 400},
		{"an IPv6 Host", line + "Host: [::1]:80\r\n", 0},
		{"space before the colon", line + host + "A : b\r\n", 400},
		{"obs-fold", line + host + "A: b\r\n c\r\n", 400},
		{"space before the first field", line + " " + host, 400},
		{"an empty name", line + host + ": b\r\n", 400},
		{"a NUL in a value", line + host + "A: \x00\r\n", 400},
		{"a tab in a value", line + host + "A:\tb\tc\t\r\n", 0},
		{"a bare LF", "GET / HTTP/1.1\n" + host, 400},
		{"a bare CR", line + "A: b\rC: d\r\n" + host, 400},
		{"a target too long", "GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\n", 414},
		{"a line that never ends", strings.Repeat("a", 64<<10), 400},
		{"fields too long", line + host + "A: " + strings.Repeat("a", 128<<10) + "\r\n", 431},
		{"fields too many", line + host + strings.Repeat("a:\r\n", 32<<10), 431},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			whole := strings.NewReader(c.head + "\r\n")
			if _, err := readHead(bufio.NewReader(whole)); statusOf(err) != c.want {
				t.Errorf("whole: got %v, want %d", err, c.want)
			}
			pieces := iotest.OneByteReader(strings.NewReader(c.head + "\r\n"))
			if _, err := readHead(bufio.NewReader(pieces)); statusOf(err) != c.want {
				t.Errorf("in pieces: got %v, want %d", err, c.want)
			}
		})
	}
}

func TestFraming(t *testing.T) {
	cases := []struct {
		name   string
		minor  int
		fields fields
		length int64
		status int
	}{
		{"neither", 1, nil, 0, 0},
		{"a length", 1, fields{{"content-length", "05"}}, 5, 0},
		{"a sign", 1, fields{{"content-length", "+5"}}, 0, 400},
		{"an underscore", 1, fields{{"content-length", "1_0"}}, 0, 400},
		{"nothing", 1, fields{{"content-length", ""}}, 0, 400},
		{"beyond 63 bits", 1, fields{{"content-length", "9223372036854775808"}}, 0, 413},
		{"twice", 1, fields{{"content-length", "5"}, {"content-length", "5"}}, 0, 400},
		{"chunked", 1, fields{{"transfer-encoding", "Chunked"}}, -1, 0},
		{"both", 1, fields{{"transfer-encoding", "chunked"}, {"content-length", "5"}}, 0, 400},
		{"chunked in HTTP/1.0", 0, fields{{"transfer-encoding", "chunked"}}, 0, 400},
		{"chunked not last", 1, fields{{"transfer-encoding", "chunked, gzip"}}, -1, 400},
		{"chunked twice", 1, fields{{"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}}, -1, 400},
		{"an unknown coding", 1, fields{{"transfer-encoding", "gzip, chunked"}}, -1, 501},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			length, err := framing(&request{minor: c.minor, fields: c.fields})
			if statusOf(err) != c.status || err == nil && length != c.length {
				t.Errorf("got %d, %v; want %d, %d", length, err, c.length, c.status)
			}
		})
	}
}

func TestChunked(t *testing.T) {
	cases := []struct {
		name, wire, content string
		status              int
	}{
		{"two chunks", "5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n", "hello0123456789", 0},
		{"extensions and trailers", "5;a=\"b\" ;c\r\nhello\r\n0;d\r\nT: u\r\n\r\n", "hello", 0},
		{"a sign", "+5\r\nhello\r\n0\r\n\r\n", "", 400},
		{"a prefix", "0x5\r\nhello\r\n0\r\n\r\n", "", 400},
		{"no size", "\r\n", "", 400},
		{"a size beyond 63 bits", "10000000000000005\r\nhello\r\n", "", 400},
		{"no CRLF after a chunk", "5\r\nhello0\r\n\r\n", "hello", 400},
		{"a bare LF after a chunk", "5\r\nhello\n0\r\n\r\n", "hello", 400},
		{"a bare LF in an extension", "5;a\nb\r\nhello\r\n", "", 400},
		{"a trailer with space before the colon", "0\r\na : b\r\n\r\n", "", 400},
		{"trailers too long", "0\r\na:" + strings.Repeat("b", 9000) + "\r\n\r\n", "", 431},
		{"cut in a chunk", "5\r\nhel", "hel", 400},
		{"cut before the last chunk", "5\r\nhello\r\n", "hello", 400},
		{"cut in the trailers", "0\r\n", "", 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, arriving := range []io.Reader{
				strings.NewReader(c.wire), iotest.OneByteReader(strings.NewReader(c.wire)),
			} {
				content, err := io.ReadAll(&chunkedReader{in: bufio.NewReader(arriving)})
				if string(content) != c.content || statusOf(err) != c.status {
					t.Errorf("got %q, %v; want %q, %d", content, err, c.content, c.status)
				}
			}
		})
	}
}

func TestParseRange(t *testing.T) {
	cases := []struct {
		text string
		want byteRange
		kind rangeKind
	}{
		{"bytes=0-3", byteRange{0, 4}, rangeOne},
		{"Bytes=5-", byteRange{5, 5}, rangeOne},
		{"bytes=-3", byteRange{7, 3}, rangeOne},
		{"bytes=-99999999999999999999", byteRange{0, 10}, rangeOne},
		{"bytes=9-99999999999999999999", byteRange{9, 1}, rangeOne},
		{"bytes=10-", byteRange{}, rangeUnsatisfiable},
		{"bytes=-0", byteRange{}, rangeUnsatisfiable},
		{"bytes=5-2", byteRange{}, rangeIgnored},
		{"bytes=-", byteRange{}, rangeIgnored},
		{"bytes=+1-2", byteRange{}, rangeIgnored},
		{"bytes=0-1,3-4", byteRange{}, rangeIgnored},
		{"lines=0-1", byteRange{}, rangeIgnored},
	}
	for _, c := range cases {
		if got, kind := parseRange(c.text, 10); got != c.want || kind != c.kind {
			t.Errorf("%s: got %v, %d; want %v, %d", c.text, got, kind, c.want, c.kind)
		}
	}
}

func TestParseTags(t *testing.T) {
	cases := []struct {
		list string
		want []string
		ok   bool
	}{
		{`"a"`, []string{`"a"`}, true},
		{`"a,b" , W/"c",`, []string{`"a,b"`, `W/"c"`}, true},
		{`""`, []string{`""`}, true},
		{`"a" "b"`, []string{`"a"`}, false},
		{`a`, nil, false},
		{`w/"a"`, nil, false},
		{`"a`, nil, false},
		{``, nil, false},
	}
	for _, c := range cases {
		if got, ok := parseTags(c.list); !slices.Equal(got, c.want) || ok != c.ok {
			t.Errorf("%s: got %q, %v", c.list, got, ok)
		}
	}
}

func TestEvaluate(t *testing.T) {
	there := state{exists: true, tags: []string{`"a"`, `"a-gzip"`}}
	read := there
	read.selected = `"a"`
	cases := []struct {
		name, method string
		fields       fields
		now          state
		want         int
	}{
		{"nothing asked", "GET", nil, read, 0},
		{"a match is not modified", "GET", fields{{"if-none-match", `W/"a"`}}, read, 304},
		{"the tag of the other representation", "GET", fields{{"if-none-match", `"a-gzip"`}}, read, 0},
		{"If-Match is strong", "PUT", fields{{"if-match", `W/"a"`}}, there, 412},
		{"any representation matches", "PUT", fields{{"if-match", `"a-gzip"`}}, there, 0},
		{"a star wants a file", "PUT", fields{{"if-match", "*"}}, state{}, 412},
		{"a star wants none", "PUT", fields{{"if-none-match", "*"}}, there, 412},
		{"a star finds none", "PUT", fields{{"if-none-match", "*"}}, state{}, 0},
		{"If-Match comes first", "GET", fields{{"if-match", `"b"`}, {"if-none-match", `"a"`}}, read, 412},
		{"tags overrule dates", "GET", fields{
			{"if-none-match", `"b"`}, {"if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"}}, read, 0},
	}
	for _, c := range cases {
		if got := evaluate(&request{method: c.method, fields: c.fields}, c.now); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestChooseCoding(t *testing.T) {
	cases := []struct {
		accept     string
		worthwhile bool
		want       coding
	}{
		{"gzip", true, gzipped},
		{"gzip", false, identity},
		{"GZIP;q=0.5", true, gzipped},
		{"gzip;q=0", true, identity},
		{"gzip;q=0, *", true, identity},
		{"*", true, gzipped},
		{"", true, identity},
		{"gzip;q=0.5, identity;q=0.6", true, identity},
		{"gzip, *;q=0", false, gzipped},
		{"identity;q=0", true, nothing},
		{"*;q=0", true, nothing},
		{"gzip;q=1.001", true, identity},
	}
	for _, c := range cases {
		if got := chooseCoding(fields{{"accept-encoding", c.accept}}, c.worthwhile); got != c.want {
			t.Errorf("%q: got %d, want %d", c.accept, got, c.want)
		}
	}
	if chooseCoding(nil, true) != identity {
		t.Error("a client that says nothing may know nothing")
	}
}

func TestParseDecimalNeverOverflows(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "007": 7, "9223372036854775790": math.MaxInt64 - 17,
		"9223372036854775808": math.MaxInt64, strings.Repeat("9", 100): math.MaxInt64,
	} {
		if got, ok := parseDecimal(text); !ok || got != want {
			t.Errorf("%s: got %d", text, got)
		}
	}
}
