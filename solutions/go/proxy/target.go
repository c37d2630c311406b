package main

import (
	"strings"
)

// checkTarget wants one of the four forms (RFC 9112 §3.2), in characters that
// a target may have.
func checkTarget(method, target string) error {
	for i := range len(target) {
		if target[i] <= ' ' || target[i] >= 0x7f {
			return badRequest("a target is visible ASCII")
		}
	}
	switch {
	case strings.Contains(target, "#"):
		return badRequest("a target has no fragment")
	case method == "CONNECT":
		host, port, found := cutPort(target)
		if !found || host == "" || !isDigits(port) || !isHost(target) {
			return badRequest("the target of CONNECT is host:port")
		}
	case strings.HasPrefix(target, "/"), target == "*" && method == "OPTIONS":
	default:
		if _, _, ok := cutAbsolute(target); !ok {
			return badRequest("the target is none of the four forms")
		}
	}
	return nil
}

// cutAbsolute splits an absolute-form into its authority and its origin-form.
func cutAbsolute(target string) (authority, origin string, ok bool) {
	const scheme = "http://"
	if len(target) < len(scheme) || !strings.EqualFold(target[:len(scheme)], scheme) {
		return "", "", false
	}
	rest := target[len(scheme):]
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, origin = rest[:end], rest[end:]
	if !strings.HasPrefix(origin, "/") {
		origin = "/" + origin
	}
	// An http URI without a host is invalid (RFC 9110 §4.2.1), and one with
	// userinfo is to be treated as an error (§4.2.4).
	return authority, origin, authority != "" && authority[0] != ':' && isHost(authority)
}

// withPort completes an authority of http with its default port.
func withPort(authority string) string {
	authority = strings.ToLower(authority)
	if host, port, found := cutPort(authority); !found || port == "" {
		return host + ":80"
	}
	return authority
}

// cutPort splits `host [ ":" port ]`, where a literal in brackets has colons.
func cutPort(text string) (host, port string, found bool) {
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, ']') {
		return text[:i], text[i+1:], true
	}
	return text, "", false
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
	host, port, _ := cutPort(text)
	if port != "" && !isDigits(port) {
		return false
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
			if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
				return false
			}
			i += 2
		default:
			return false
		}
	}
	return true
}

func isDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

func isHex(b byte) bool { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }
