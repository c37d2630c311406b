package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	maxFile = 1 << 30
	minGzip = 1 << 10 // a smaller file gains nothing
)

// A file is the resource /files/{name}. It has two representations: the bytes
// as they are, and the same in gzip, with an entity tag each.
type file struct {
	store *store
	name  string
}

func identityTag(opaque string) string { return `"` + opaque + `"` }
func gzipTag(opaque string) string     { return `"` + opaque + `-gzip"` }

// current is what the conditions of a request are compared with.
func current(opaque string, modified time.Time) state {
	return state{
		exists:   true,
		tags:     []string{identityTag(opaque), gzipTag(opaque)},
		modified: modified,
	}
}

// get answers GET and HEAD: choose a representation, check the conditions,
// cut the range (RFC 9110 §13.2.2 is the order of the last two).
func (f file) get(req *request) (*response, error) {
	content, info, err := f.store.open(f.name)
	if err != nil {
		return nil, err
	}
	resp, err := f.represent(req, content, info)
	if err != nil {
		content.Close()
		return nil, err
	}
	resp.done = func() { content.Close() }
	return resp, nil
}

func (f file) represent(req *request, content *os.File, info os.FileInfo) (*response, error) {
	opaque, err := digest(content)
	if err != nil {
		return nil, err
	}
	ranges, _ := req.fields.joined("range")
	if req.method != "GET" {
		ranges = "" // for other methods it has no meaning (§14.2)
	}
	size := info.Size()
	coding := chooseCoding(req.fields, size >= minGzip && ranges == "")
	tag := identityTag(opaque)
	if coding == gzipped {
		tag = gzipTag(opaque)
	}
	common := fields{
		{"ETag", tag},
		{"Last-Modified", info.ModTime().UTC().Format(timeFormat)},
		{"Vary", "Accept-Encoding"},
	}

	state := current(opaque, info.ModTime())
	state.selected = tag
	switch status := evaluate(req, state); {
	case status == 304:
		return &response{status: 304, fields: common}, nil
	case status != 0:
		e := refusal(status, "a condition of the request does not hold")
		e.fields = common
		return nil, e
	case coding == nothing:
		e := refusal(406, "the file is here as it is and in gzip")
		e.fields = fields{{"Vary", "Accept-Encoding"}}
		return nil, e
	}

	common = append(common, field{"Content-Type", "application/octet-stream"})
	if coding == gzipped {
		common = append(common, field{"Content-Encoding", "gzip"})
		return &response{status: 200, fields: common, length: -1, write: gzipOf(content)}, nil
	}
	common = append(common, field{"Accept-Ranges", "bytes"})
	if ranges != "" && ifRange(req, tag) {
		part, kind := parseRange(ranges, size)
		switch kind {
		case rangeOne:
			common = append(common, field{"Content-Range",
				fmt.Sprintf("bytes %d-%d/%d", part.first, part.first+part.length-1, size)})
			return &response{status: 206, fields: common, length: part.length, write: partOf(content, part)}, nil
		case rangeUnsatisfiable:
			e := refusal(416, "the range begins beyond the end")
			e.fields = fields{{"Content-Range", fmt.Sprintf("bytes */%d", size)}, {"Vary", "Accept-Encoding"}}
			return nil, e
		}
	}
	whole := byteRange{0, size}
	return &response{status: 200, fields: common, length: size, write: partOf(content, whole)}, nil
}

// partOf writes exactly the bytes that Content-Length promised; a file that
// somebody else cuts meanwhile is an error, so that the connection ends.
func partOf(content *os.File, part byteRange) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.CopyN(w, io.NewSectionReader(content, part.first, part.length), part.length)
		return err
	}
}

func gzipOf(content io.Reader) func(io.Writer) error {
	return func(w io.Writer) error {
		// The buffer makes chunks of a decent size of the small writes.
		buffered := bufio.NewWriterSize(w, 32<<10)
		compressed := gzip.NewWriter(buffered)
		if _, err := io.Copy(compressed, content); err != nil {
			return err
		}
		if err := compressed.Close(); err != nil {
			return err
		}
		return buffered.Flush()
	}
}

// put stores a new version. The conditions are checked twice: before the body
// is read, to spare a long upload, and again when nobody else can write. The
// second time is what guards against a lost update.
func (f file) put(req *request) (*response, error) {
	if err := checkName(f.name); err != nil {
		return nil, err
	}
	if _, partial := req.fields.joined("content-range"); partial {
		return nil, refusal(400, "a part of a file cannot be put (RFC 9110 §14.5)")
	}
	if _, err := f.check(req); err != nil {
		return nil, err
	}
	upload, err := f.store.receive(func(w io.Writer) error { return req.body.copyTo(w, maxFile) })
	if err != nil {
		return nil, err
	}
	defer upload.discard()

	defer f.store.lock(f.name)()
	existed, err := f.check(req)
	if err != nil {
		return nil, err
	}
	if err := f.store.keep(upload, f.name); err != nil {
		return nil, err
	}
	// The content is kept as it came, so its tag may be told (§9.3.4).
	tag := fields{{"ETag", identityTag(upload.opaque)}}
	if existed {
		return &response{status: 204, fields: tag}, nil
	}
	created := textResponse(201, "created\n")
	created.fields = append(created.fields, tag...)
	return created, nil
}

func (f file) delete(req *request) (*response, error) {
	defer f.store.lock(f.name)()
	// Without the file the answer is 404, and conditions do not count (§13.2.1).
	content, _, err := f.store.open(f.name)
	if err != nil {
		return nil, err
	}
	content.Close()
	if _, err := f.check(req); err != nil {
		return nil, err
	}
	if err := f.store.remove(f.name); err != nil {
		return nil, err
	}
	return &response{status: 204}, nil
}

// check compares the conditions of a change with the file that is there.
func (f file) check(req *request) (exists bool, err error) {
	var now state
	content, info, err := f.store.open(f.name)
	var status *statusError
	switch {
	case err == nil:
		defer content.Close()
		opaque := ""
		if conditional(req) {
			if opaque, err = digest(content); err != nil {
				return false, err
			}
		}
		now = current(opaque, info.ModTime())
	case errors.As(err, &status) && status.code == 404:
	default:
		return false, err
	}
	if code := evaluate(req, now); code != 0 {
		return false, refusal(code, "a condition of the request does not hold")
	}
	return now.exists, nil
}
