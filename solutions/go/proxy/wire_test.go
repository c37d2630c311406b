package main

import (
	"bufio"
	"fmt"
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

func TestReadRequest(t *testing.T) {
	const line, host = "GET / HTTP/1.1\r\n", "Host: h\r\n"
	cases := []struct {
		name, head string
		want       int
	}{
		{"the least", line + host, 0},
		{"HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n", 0},
		{"another major version", "GET / HTTP/2.0\r\n" + host, 505},
		{"two spaces", "GET  / HTTP/1.1\r\n" + host, 400},
		{"a NUL in the target", "GET /\x00 HTTP/1.1\r\n" + host, 400},
		{"no Host", line, 400},
		{"two Hosts", line + host + host, 400},
		{"a Host with a path", line + "Host: h/x\r\n", 400},
		{"space before the colon", line + host + "A : b\r\n", 400},
		{"obs-fold", line + host + "A: b\r\n c\r\n", 400},
		{"a NUL in a value", line + host + "A: \x00\r\n", 400},
		{"a bare LF", "GET / HTTP/1.1\n" + host, 400},
		{"a bare CR", line + "A: b\rC: d\r\n" + host, 400},
		{"a target too long", "GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\n" + host, 414},
		{"fields too long", line + host + "A: " + strings.Repeat("a", 128<<10) + "\r\n", 431},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			whole := strings.NewReader(c.head + "\r\n")
			if _, err := readRequest(bufio.NewReader(whole)); statusOf(err) != c.want {
				t.Errorf("whole: got %v, want %d", err, c.want)
			}
			pieces := iotest.OneByteReader(strings.NewReader(c.head + "\r\n"))
			if _, err := readRequest(bufio.NewReader(pieces)); statusOf(err) != c.want {
				t.Errorf("in pieces: got %v, want %d", err, c.want)
			}
		})
	}
}

func headOf(lines ...string) fields {
	var all fields
	for _, line := range lines {
		parsed, err := parseField(line)
		if err != nil {
			panic(err)
		}
		all = append(all, parsed)
	}
	return all
}

func TestFraming(t *testing.T) {
	const chunked = "Transfer-Encoding: chunked"
	cases := []struct {
		name   string
		minor  int
		fields fields
		how    framing
		status int
	}{
		{"neither", 1, headOf("A: b"), unframed, 0},
		{"a length", 1, headOf("Content-Length: 5"), byLength, 0},
		{"chunks", 1, headOf("transfer-encoding: Chunked"), byChunks, 0},
		{"both", 1, headOf("Content-Length: 5", chunked), unframed, 400},
		{"chunks in HTTP/1.0", 0, headOf(chunked), unframed, 400},
		{"chunked, and something behind it", 1, headOf("Transfer-Encoding: chunked, x"), byChunks, 400},
		{"chunked twice", 1, headOf(chunked, chunked), byChunks, 400},
		{"a coding ahead of chunked", 1, headOf("Transfer-Encoding: gzip, chunked"), byChunks, 501},
		{"two lengths", 1, headOf("Content-Length: 5", "Content-Length: 5"), unframed, 400},
		{"a list of lengths", 1, headOf("Content-Length: 5, 5"), byLength, 400},
		{"a sign", 1, headOf("Content-Length: +5"), byLength, 400},
		{"beyond 63 bits", 1, headOf(fmt.Sprintf("Content-Length: %d", uint64(math.MaxUint64))), byLength, 413},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			how, _, err := requestFraming(&request{method: "POST", minor: c.minor, fields: c.fields})
			if statusOf(err) != c.status || err == nil && how != c.how {
				t.Errorf("got %v, %v; want %v, %d", how, err, c.how, c.status)
			}
		})
	}
}

func TestChunks(t *testing.T) {
	cases := []struct {
		name, wire, want string
		status           int
	}{
		{"two chunks and the end", "5\r\nhello\r\n4\r\n you\r\n0\r\n\r\n", "hello you", 0},
		{"a chunk longer than its size", "5\r\nhello\r\n3\r\n you\r\n0\r\n\r\n", "", 400},
		{"an extension and a trailer", "5;a=\"0\"\r\nhello\r\n0\r\nSum: 1\r\n\r\n", "hello", 0},
		{"0x", "0x5\r\nhello\r\n0\r\n\r\n", "", 400},
		{"a space inside", "0 5\r\nhello\r\n0\r\n\r\n", "", 400},
		{"a size of 65 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n", "", 400},
		{"LF alone", "5\nhello\r\n0\r\n\r\n", "", 400},
		{"no end", "5\r\nhello", "", -1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBody(byChunks, 0, bufio.NewReader(iotest.OneByteReader(strings.NewReader(c.wire))))
			got, err := io.ReadAll(b)
			if statusOf(err) != c.status || err == nil && string(got) != c.want {
				t.Errorf("got %q, %v; want %q, %d", got, err, c.want, c.status)
			}
		})
	}
}

func v2(fixed string, rest string) string {
	return string(signature) + fixed + string([]byte{byte(len(rest) >> 8), byte(len(rest))}) + rest
}

func TestReadAnnouncement(t *testing.T) {
	const ports = "\xdc\x04\x01\xbb"
	ip4 := "\xc0\x00\x02\x07" + "\xcb\x00\x71\x09" + ports
	ip6 := "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x07" + strings.Repeat("\x00", 16) + ports
	cases := []struct {
		name, wire, want string
		ok               bool
	}{
		{"TCP4", "PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\r\n", "192.0.2.7", true},
		{"TCP6", "PROXY TCP6 2001:db8::7 2001:db8::9 56324 443\r\n", "2001:db8::7", true},
		{"UNKNOWN", "PROXY UNKNOWN\r\n", "", true},
		{"UNKNOWN and more", "PROXY UNKNOWN ffff::1 x\r\n", "", true},
		{"no header", "GET / HTTP/1.1\r\n", "", false},
		{"LF alone", "PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\n", "", false},
		{"a family that there is not", "PROXY TCP5 192.0.2.7 203.0.113.9 56324 443\r\n", "", false},
		{"TCP4 with an address of IPv6", "PROXY TCP4 2001:db8::7 2001:db8::9 1 2\r\n", "", false},
		{"a leading zero", "PROXY TCP4 192.0.02.7 203.0.113.9 56324 443\r\n", "", false},
		{"a port out of range", "PROXY TCP4 192.0.2.7 203.0.113.9 65536 443\r\n", "", false},
		{"two spaces", "PROXY TCP4  192.0.2.7 203.0.113.9 56324 443\r\n", "", false},
		{"a line that is too long", "PROXY UNKNOWN " + strings.Repeat("x", 120) + "\r\n", "", false},
		{"version 2", v2("\x21\x11", ip4), "192.0.2.7", true},
		{"version 2 of IPv6", v2("\x21\x21", ip6), "2001:db8::7", true},
		{"octets behind the addresses", v2("\x21\x11", ip4+"\x04\x00\x01a"), "192.0.2.7", true},
		{"LOCAL", v2("\x20\x00", ""), "", true},
		{"LOCAL with addresses", v2("\x20\x11", ip4), "", true},
		{"a socket of this machine", v2("\x21\x31", strings.Repeat("\x00", 216)), "", true},
		{"version 3", v2("\x31\x11", ip4), "", false},
		{"a command that there is not", v2("\x22\x11", ip4), "", false},
		{"half an address", v2("\x21\x11", ip4[:8]), "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := bufio.NewReader(iotest.OneByteReader(strings.NewReader(c.wire + "next")))
			got, err := readAnnouncement(&client{in: in})
			if got != c.want || (err == nil) != c.ok {
				t.Fatalf("got %q, %v; want %q, %v", got, err, c.want, c.ok)
			}
			if rest, _ := io.ReadAll(in); c.ok && string(rest) != "next" {
				t.Errorf("left %q for the next reader", rest)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	text := `[
		{"path": "/api", "to": [0]},
		{"host": "Shop.example", "path": "/", "to": [1]},
		{"path": "/api/v2/", "to": [2], "replace": "/new"},
		{"path": "/old", "to": [3], "replace": "/"}
	]`
	settings, err := readSettings(func(name string) string {
		return map[string]string{"PORT": "1", "UPSTREAMS": "h:1,h:2,h:3,h:4", "ROUTES": text}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(settings)
	cases := []struct {
		host, target, to, as string
		status               int
	}{
		{"h", "/api", "h:1", "/api", 0},
		{"h", "/api?x=/..", "h:1", "/api?x=/..", 0},
		{"h", "/apix", "", "", 404},
		{"h", "/api/v2", "h:3", "/new", 0},
		{"h", "/api/v2/a%2Fb?x", "h:3", "/new/a%2Fb?x", 0},
		{"h", "/api/v22", "h:1", "/api/v22", 0},
		{"h", "/old?x", "h:4", "/?x", 0},
		{"SHOP.example:80", "/api/v2/x", "h:2", "/api/v2/x", 0},
		{"h", "/%61pi", "", "", 404},
		{"h", "/api/%2E./x", "", "", 400},
		{"h", "/api/.../x", "h:1", "/api/.../x", 0},
	}
	for _, c := range cases {
		t.Run(c.host+c.target, func(t *testing.T) {
			req := &request{method: "GET", target: c.target, minor: 1, fields: headOf("Host: " + c.host)}
			g, as, err := p.find(req)
			if statusOf(err) != c.status {
				t.Fatalf("got %v, want %d", err, c.status)
			}
			if err == nil && (g.members[0].address != c.to || as != c.as) {
				t.Errorf("got %s as %s; want %s as %s", g.members[0].address, as, c.to, c.as)
			}
		})
	}
}

func groupOf(policy string, n int) *group {
	var all []*upstream
	var places []int
	for i := range n {
		all = append(all, newUpstream(fmt.Sprintf("127.0.0.1:900%d", i), &settings{}))
		places = append(places, i)
	}
	return newGroup(all, places, policy)
}

func TestHashMovesOnlyWhatMust(t *testing.T) {
	g := groupOf("hash", 4)
	before := map[string]*upstream{}
	for i := range 400 {
		path := fmt.Sprintf("/item/%d", i)
		before[path] = g.choose(path+"?first", nil)
	}
	out := g.members[1]
	out.sick = true
	share := 0
	for path, was := range before {
		switch now := g.choose(path, nil); {
		case was == out:
			share++
			if now == out {
				t.Fatalf("%s goes to an upstream that is out", path)
			}
		case now != was:
			t.Errorf("%s has moved", path)
		}
	}
	if share < 50 || share > 150 {
		t.Errorf("one of four had %d of 400 paths", share)
	}
}

func TestWeightsAreSmooth(t *testing.T) {
	g := groupOf("weighted", 3)
	g.members[0].weight = 5
	var turns []string
	for range 7 {
		turns = append(turns, g.choose("/", nil).address[len("127.0.0.1:900"):])
	}
	if got := strings.Join(turns, ""); got != "0010200" {
		t.Errorf("5, 1, 1 came as %s", got)
	}
}

func TestWhatWasTriedComesLast(t *testing.T) {
	for _, policy := range policies {
		g := groupOf(policy, 3)
		tried := []*upstream{g.members[0], g.members[2]}
		if got := g.choose("/", tried); got != g.members[1] {
			t.Errorf("%s: chose one that was tried", policy)
		}
		if got := g.choose("/", g.members); !slices.Contains(g.members, got) {
			t.Errorf("%s: chose none although all are in", policy)
		}
	}
}

func TestBudget(t *testing.T) {
	for _, c := range []struct{ requests, percent, want int }{
		{0, 20, 3}, {10, 20, 3}, {100, 20, 20}, {100, 0, 3}, {50, 100, 50},
	} {
		b := newBudget(c.percent)
		for range c.requests {
			b.request()
		}
		allowed := 0
		for range 200 {
			if b.retry() {
				allowed++
			}
		}
		if allowed != c.want {
			t.Errorf("%d requests at %d %%: %d tries again, want %d", c.requests, c.percent, allowed, c.want)
		}
	}
}
