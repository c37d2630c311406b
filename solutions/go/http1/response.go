package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const timeFormat = "Mon, 02 Jan 2006 15:04:05 GMT" // IMF-fixdate, RFC 9110 §5.6.7

// A response is what a handler wants the client to get.
type response struct {
	status int
	fields fields
	length int64                 // of the content; -1 when it is not known before
	write  func(io.Writer) error // writes the content; nil when there is none
	done   func()                // runs when the response is written or dropped
	closes bool
}

func textResponse(status int, text string) *response {
	return &response{
		status: status,
		fields: fields{{"Content-Type", "text/plain; charset=utf-8"}},
		length: int64(len(text)),
		write: func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		},
	}
}

// release frees what the response holds.
func (r *response) release() {
	if r.done != nil {
		r.done()
	}
}

// bodyless is true for statuses whose responses end with their head.
func (r *response) bodyless() bool { return r.status == 204 || r.status == 304 }

// writeResponse writes the head, and the content unless the method or the
// status forbids it. Content of unknown length is chunked for those who know
// chunks, and for others ends with the connection, which clears keep.
func writeResponse(w io.Writer, req *request, resp *response, keep *bool) error {
	chunked := false
	switch {
	case resp.bodyless():
	case resp.length >= 0:
		resp.fields = append(resp.fields, field{"Content-Length", strconv.FormatInt(resp.length, 10)})
	case req.minor >= 1:
		chunked = true
		resp.fields = append(resp.fields, field{"Transfer-Encoding", "chunked"})
	default:
		*keep = false
	}
	switch {
	case !*keep:
		resp.fields = append(resp.fields, field{"Connection", "close"})
	case req.minor < 1:
		resp.fields = append(resp.fields, field{"Connection", "keep-alive"})
	}

	out := bufio.NewWriterSize(w, 16<<10)
	writeHead(out, resp)
	if req.method != "HEAD" && !resp.bodyless() && resp.write != nil {
		if err := writeContent(out, resp, chunked); err != nil {
			out.Flush() // what there is may help; the cut shows that it is not all
			return err
		}
	}
	return out.Flush()
}

func writeHead(out *bufio.Writer, resp *response) {
	fmt.Fprintf(out, "HTTP/1.1 %d %s\r\n", resp.status, reasons[resp.status])
	fmt.Fprintf(out, "Date: %s\r\n", time.Now().UTC().Format(timeFormat))
	for _, line := range resp.fields {
		fmt.Fprintf(out, "%s: %s\r\n", line.name, line.value)
	}
	out.WriteString("\r\n")
}

func writeContent(out *bufio.Writer, resp *response, chunked bool) error {
	if !chunked {
		return resp.write(out)
	}
	if err := resp.write(chunkWriter{out}); err != nil {
		return err
	}
	_, err := out.WriteString("0\r\n\r\n")
	return err
}

// A chunkWriter makes each Write one chunk.
type chunkWriter struct{ out io.Writer }

func (c chunkWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil // a chunk of size 0 would end the content
	}
	if _, err := fmt.Fprintf(c.out, "%x\r\n", len(p)); err != nil {
		return 0, err
	}
	n, err := c.out.Write(p)
	if err != nil {
		return n, err
	}
	_, err = io.WriteString(c.out, "\r\n")
	return n, err
}

// parseTime reads the three forms of an HTTP-date (RFC 9110 §5.6.7).
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{timeFormat, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
