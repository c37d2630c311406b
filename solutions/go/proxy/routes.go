package main

import (
	"strings"
)

// find returns the group of upstreams for a request, and the target it is to
// be asked for.
func (p *proxy) find(req *request) (*group, string, error) {
	if len(p.routes) == 0 {
		return p.all, req.target, nil
	}
	path, query := req.target, ""
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path, query = path[:i], path[i:]
	}
	if hasDots(path) {
		return nil, "", &statusError{code: 400, why: "a path with . or .. as a segment"}
	}
	host := hostOf(req)
	for i, route := range p.routes {
		if route.Host != "" && route.Host != host {
			continue
		}
		rest, ok := under(route.Path, path)
		if !ok {
			continue
		}
		if route.Replace == nil {
			return p.groups[i], req.target, nil
		}
		return p.groups[i], join(*route.Replace, rest) + query, nil
	}
	return nil, "", &statusError{code: 404, why: "no route leads there"}
}

// under reports whether a path lies under a prefix of whole segments, and
// what is left of it: "" or "/…".
func under(prefix, path string) (rest string, ok bool) {
	prefix = strings.TrimSuffix(prefix, "/")
	rest, ok = strings.CutPrefix(path, prefix)
	return rest, ok && (rest == "" || rest[0] == '/')
}

func join(replace, rest string) string {
	path := strings.TrimSuffix(replace, "/") + rest
	if path == "" {
		return "/"
	}
	return path
}

// hostOf returns the host that a request is for, without case and port.
func hostOf(req *request) string {
	authority := strings.Join(req.fields.all("host"), "")
	if named, _, ok := cutAbsolute(req.target); ok {
		authority = named
	}
	host, _, _ := cutPort(authority)
	return strings.ToLower(host)
}

// hasDots finds a segment that a server may take for "here" or "up".
func hasDots(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) <= len("%2e%2e") {
			plain := strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
			if plain == "." || plain == ".." {
				return true
			}
		}
	}
	return false
}
