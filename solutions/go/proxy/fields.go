package main

import (
	"fmt"
	"slices"
	"strings"
)

const via = "1.1 cutaway-go"

// hopByHop fields belong to one connection (RFC 9110 §7.6.1). What Connection
// names is taken out as well.
var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "proxy-connection": true, "te": true,
	"transfer-encoding": true, "upgrade": true,
}

// ours are fields of a request about who the client is: nobody vouches for
// what the client itself wrote into them.
var ours = map[string]bool{
	"forwarded": true, "x-forwarded-for": true, "x-forwarded-proto": true, "x-forwarded-host": true,
}

// passed returns the lines that are for the other end.
func passed(f fields, without map[string]bool) fields {
	named := f.members("connection")
	return slices.DeleteFunc(slices.Clone(f), func(line field) bool {
		return hopByHop[line.key] || without[line.key] || slices.Contains(named, line.key)
	})
}

// A head is written line by line.
type head struct{ strings.Builder }

func (h *head) add(name, value string) { h.WriteString(name + ": " + value + "\r\n") }

func (h *head) lines(f fields) {
	for _, line := range f {
		h.add(line.name, line.value)
	}
}

// requestHead is what the upstream is asked.
func (c *client) requestHead(req *request, target, host string, how framing, length int64) string {
	var h head
	fmt.Fprintf(&h, "%s %s HTTP/1.1\r\n", req.method, target)
	if host != "" || req.minor >= 1 {
		h.add("Host", host)
	}
	without := map[string]bool{"host": true, "content-length": true}
	for key := range ours {
		without[key] = true
	}
	if req.minor < 1 {
		without["expect"] = true // who speaks 1.0 cannot be told to continue
	}
	h.lines(passed(req.fields, without))
	h.add("Via", fmt.Sprintf("1.%d%s", req.minor, via[3:]))
	h.add("X-Forwarded-For", c.address)
	h.add("Forwarded", c.forwarded(host))
	switch how {
	case byLength:
		h.add("Content-Length", fmt.Sprint(length))
	case byChunks:
		h.add("Transfer-Encoding", "chunked")
	}
	if kind := upgrade(req); kind != "" {
		h.add("Connection", "upgrade")
		h.add("Upgrade", kind)
	}
	return h.String() + "\r\n"
}

// forwarded is a value of Forwarded (RFC 7239 §4): what is no token is quoted,
// and an IPv6 address is in brackets as well (§6).
func (c *client) forwarded(host string) string {
	node := c.address
	if strings.Contains(node, ":") {
		node = `"[` + node + `]"`
	}
	value := "for=" + node + ";proto=" + c.scheme
	if host == "" {
		return value
	}
	if !isToken(host) {
		host = `"` + host + `"`
	}
	return value + ";host=" + host
}

// upgrade returns the protocols that a client offers to change to.
func upgrade(req *request) string {
	if req.minor < 1 || !req.fields.lists("connection", "upgrade") {
		return ""
	}
	return strings.Join(req.fields.all("upgrade"), ", ")
}

// responseHead is what the client is answered. Lengths are written anew from
// what the framing was read as, so that both sides are told the same.
func responseHead(req *request, resp *response, b *body, chunked, last bool) string {
	var h head
	fmt.Fprintf(&h, "HTTP/1.1 %03d %s\r\n", resp.code, resp.reason)
	without := map[string]bool{}
	if b.framing != unframed || resp.code == 204 {
		without["content-length"] = true
	}
	h.lines(passed(resp.fields, without))
	h.add("Via", fmt.Sprintf("1.%d%s", resp.minor, via[3:]))
	switch {
	case b.framing == byLength:
		h.add("Content-Length", fmt.Sprint(b.length))
	case chunked:
		h.add("Transfer-Encoding", "chunked")
	}
	h.WriteString(persistence(last))
	return h.String() + "\r\n"
}
