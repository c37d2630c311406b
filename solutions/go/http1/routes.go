package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	maxEcho   = 32 << 20 // bytes of an echoed body
	maxMillis = 10_000
	maxChunks = 10_000
)

type handler func(*request) (*response, error)

// A resource is what one path has: a handler for each method, in the order in
// which Allow lists them.
type resource []struct {
	method string
	handle handler
}

// A router finds the resource of a path.
type router struct {
	files *store // nil without a DATA_DIR
}

func newRouter(files *store) *router { return &router{files} }

// handle answers a request with a well-formed head.
func (rt *router) handle(req *request) (*response, error) {
	if req.target.asterisk {
		// 204: about the server as a whole there is nothing to say but this.
		all := field{"Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS"}
		return &response{status: 204, fields: fields{all}}, nil
	}
	found := rt.find(req.target.segments)
	if found == nil {
		return nil, refusal(404, "no such resource")
	}
	var methods []string
	for _, each := range found {
		if each.method == req.method {
			return each.handle(req)
		}
		methods = append(methods, each.method)
	}
	return nil, allow(req.method, methods)
}

// find matches decoded segments. `/echo` has one, `/echo/` two.
func (rt *router) find(segments []string) resource {
	first, rest := segments[0], segments[1:]
	switch {
	case len(rest) == 0 && first == "":
		return readable(home)
	case len(rest) == 0 && first == "echo":
		return resource{{"POST", echoBody}}
	case len(rest) == 0 && first == "headers":
		return readable(listHeaders)
	case len(rest) == 0 && first == "slow":
		return readable(slow)
	case len(rest) == 0 && first == "chunks":
		return readable(chunks)
	case len(rest) == 1 && first == "echo" && rest[0] != "":
		return readable(echoWord)
	case len(rest) == 1 && first == "files" && rt.files != nil:
		f := file{rt.files, rest[0]}
		return resource{{"GET", f.get}, {"HEAD", f.get}, {"PUT", f.put}, {"DELETE", f.delete}}
	}
	return nil
}

// readable is a resource to read only. HEAD runs the same handler, so that
// its fields are those of GET; writeResponse leaves the content out.
func readable(get handler) resource {
	return resource{{"GET", get}, {"HEAD", get}}
}

func home(*request) (*response, error) {
	return textResponse(200, "It answers.\n"), nil
}

func echoWord(req *request) (*response, error) {
	return textResponse(200, req.target.segments[1]), nil
}

// echoBody reads the whole body before it answers: a client may send all of
// it before it reads, and a body too long can still be refused.
func echoBody(req *request) (*response, error) {
	kept := &spool{}
	if err := req.body.copyTo(kept, maxEcho); err != nil {
		kept.Close()
		return nil, err
	}
	resp := &response{status: 200, length: kept.size, write: kept.copyOut, done: kept.Close}
	if types := req.fields.all("content-type"); len(types) > 0 {
		resp.fields = fields{{"Content-Type", types[0]}}
	}
	return resp, nil
}

func listHeaders(req *request) (*response, error) {
	var text strings.Builder
	for _, line := range req.fields {
		fmt.Fprintf(&text, "%s: %s\n", line.name, line.value)
	}
	return textResponse(200, text.String()), nil
}

func slow(req *request) (*response, error) {
	ms, err := number(req, "ms", maxMillis)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return textResponse(200, fmt.Sprintf("%d ms\n", ms)), nil
}

func chunks(req *request) (*response, error) {
	n, err := number(req, "n", maxChunks)
	if err != nil {
		return nil, err
	}
	return &response{
		status: 200,
		fields: fields{{"Content-Type", "text/plain; charset=utf-8"}},
		length: -1,
		write: func(w io.Writer) error {
			for i := range n {
				// One string, one Write, one chunk.
				if _, err := io.WriteString(w, fmt.Sprintf("chunk %d\n", i)); err != nil {
					return err
				}
			}
			return nil
		},
	}, nil
}

// number reads a whole number from 0 to limit out of the query.
func number(req *request, name string, limit int64) (int64, error) {
	text, _ := req.target.param(name)
	value, ok := parseDecimal(text)
	if !ok || value > limit {
		return 0, refusal(400, fmt.Sprintf("the query needs %s, a number up to %d", name, limit))
	}
	return value, nil
}
