package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// handler answers, or returns the error that becomes the answer.
type handler func(w http.ResponseWriter, r *http.Request, id string) error

// methods of one path.
type methods map[string]handler

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// find returns the methods of a path, and the id that stands in it. A path is
// split first and decoded then: an encoded slash is part of a segment. What does
// not look like an id is at no path, so nothing else gets into a key.
func (a *app) find(r *http.Request) (methods, string) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for at, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || strings.Contains(decoded, "/") {
			return nil, ""
		}
		segments[at] = decoded
	}
	if found, ok := a.paths[strings.Join(segments, "/")]; ok {
		return found, ""
	}
	if len(segments) == 3 && segments[0] == "" && segments[1] == "todos" && idForm.MatchString(segments[2]) {
		return a.one, segments[2]
	}
	return nil, ""
}

// route calls the handler of path and method.
func (a *app) route(w http.ResponseWriter, r *http.Request) error {
	found, id := a.find(r)
	if found == nil {
		return problem{status: 404, detail: "There is nothing at this path."}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if act, ok := found[method]; ok {
		return act(w, r, id)
	}
	return problem{status: 405, detail: "This cannot be done here.", allow: found.allow()}
}

func (m methods) allow() string {
	var names []string
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
