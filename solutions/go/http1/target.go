package main

import (
	"strings"
)

// A target says which resource is meant. Segments are percent-decoded one by
// one, after the path was split: a %2F is part of a name, never a separator.
type target struct {
	asterisk bool // `OPTIONS *`: the server itself
	segments []string
	query    string // as it came
}

// parseTarget reads the four forms of RFC 9112 §3.2. The authority-form is
// for CONNECT alone, and this server opens no tunnels.
func parseTarget(method, raw string) (target, error) {
	if method == "CONNECT" {
		return target{}, &statusError{code: 501, why: "this server opens no tunnels", closes: true}
	}
	if raw == "*" {
		if method != "OPTIONS" {
			return target{}, badRequest("the target * is for OPTIONS")
		}
		return target{asterisk: true}, nil
	}
	if !strings.HasPrefix(raw, "/") {
		rest, err := cutAuthority(raw)
		if err != nil {
			return target{}, err
		}
		if rest == "" && method == "OPTIONS" {
			return target{asterisk: true}, nil // what a last proxy sends as * (§3.2.4)
		}
		if !strings.HasPrefix(rest, "/") {
			rest = "/" + rest
		}
		raw = rest
	}
	path, query, _ := strings.Cut(raw, "?")
	if !isURIText(path, ":@/") || !isURIText(query, ":@/?") {
		return target{}, badRequest("the target holds what no URI may hold unencoded")
	}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		segments[i] = percentDecode(segment)
	}
	return target{segments: segments, query: query}, nil
}

// cutAuthority takes `http://authority` off an absolute-form target. It
// overrules the Host field, and all hosts are one to this server.
func cutAuthority(raw string) (rest string, err error) {
	const scheme = "http://"
	if len(raw) < len(scheme) || !strings.EqualFold(raw[:len(scheme)], scheme) {
		return "", badRequest("the target is neither a path nor an http URI")
	}
	rest = raw[len(scheme):]
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	// An http URI without a host is invalid (RFC 9110 §4.2.1), and one with
	// userinfo is to be treated as an error (§4.2.4).
	if authority := rest[:end]; authority == "" || authority[0] == ':' || !isHost(authority) {
		return "", badRequest("the target's authority is no host and port")
	}
	return rest[end:], nil
}

// param returns the first value of a query parameter.
func (t target) param(name string) (value string, present bool) {
	for pair := range strings.SplitSeq(t.query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if percentDecode(key) == name {
			return percentDecode(value), true
		}
	}
	return "", false
}

// checkHost wants exactly one valid Host of an HTTP/1.1 client, and at most
// one of an older one (RFC 9112 §3.2).
func checkHost(req *request) error {
	hosts := req.fields.all("host")
	switch {
	case len(hosts) == 0 && req.minor >= 1:
		return badRequest("an HTTP/1.1 request has a Host field")
	case len(hosts) > 1:
		return badRequest("more than one Host field")
	case len(hosts) == 1 && !isHost(hosts[0]):
		return badRequest("the Host field is no host and port")
	}
	return nil
}

// isHost checks `uri-host [ ":" port ]` (RFC 9110 §7.2); the empty host is
// what a client sends whose target has no authority.
func isHost(text string) bool {
	host, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, ']') {
		host, port = text[:i], text[i+1:]
	}
	for i := range len(port) {
		if !isDigit(port[i]) {
			return false
		}
	}
	if literal, ok := strings.CutPrefix(host, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		return ok && literal != "" && !strings.Contains(literal, "%") && isURIText(literal, ":")
	}
	return isURIText(host, "")
}

// isURIText checks for unreserved characters, sub-delims, whole percent
// triples, and the given others (RFC 3986 §2).
func isURIText(text, others string) bool {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case isDigit(b), isAlpha(b), strings.IndexByte("-._~!$&'()*+,;=", b) >= 0,
			strings.IndexByte(others, b) >= 0:
		case b == '%':
			if i+2 >= len(text) || hexValue(text[i+1]) < 0 || hexValue(text[i+2]) < 0 {
				return false
			}
			i += 2
		default:
			return false
		}
	}
	return true
}

// percentDecode decodes text that isURIText has passed. A `+` is a plus sign.
func percentDecode(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b == '%' {
			b = byte(hexValue(text[i+1])<<4 | hexValue(text[i+2]))
			i += 2
		}
		out.WriteByte(b)
	}
	return out.String()
}

// hexValue returns 0 to 15, or -1.
func hexValue(b byte) int {
	switch {
	case isDigit(b):
		return int(b - '0')
	case 'a' <= b|0x20 && b|0x20 <= 'f':
		return int(b|0x20-'a') + 10
	default:
		return -1
	}
}
