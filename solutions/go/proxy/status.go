package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// A statusError is what the proxy itself answers. closes is for errors after
// which the next byte of the connection may belong to anything.
type statusError struct {
	code   int
	why    string
	closes bool
	fields string
}

func (e *statusError) Error() string { return e.why }

func badRequest(why string) error { return &statusError{code: 400, why: why, closes: true} }

// asStatus returns what to answer to an error of reading, or nil when there is
// nobody to answer.
func asStatus(err error) *statusError {
	var status *statusError
	var network net.Error
	switch {
	case errors.As(err, &status):
		return status
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &statusError{code: 408, why: "the head did not come to its end in time", closes: true}
	default:
		return nil
	}
}

var reasons = map[int]string{
	204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large",
	414: "URI Too Long", 417: "Expectation Failed", 431: "Request Header Fields Too Large",
	501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
	504: "Gateway Timeout", 505: "HTTP Version Not Supported",
}

// say writes an answer of the proxy's own.
func (c *client) say(req *request, status *statusError, last bool) error {
	body := status.why + "\n"
	if status.code == 204 {
		body = ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", status.code, reasons[status.code])
	fmt.Fprintf(&out, "Date: %s GMT\r\n", time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05"))
	out.WriteString(status.fields)
	if status.code != 204 {
		fmt.Fprintf(&out, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n", len(body))
	}
	out.WriteString(persistence(last) + "\r\n")
	if req.method != "HEAD" {
		out.WriteString(body)
	}
	_, err := c.Write([]byte(out.String()))
	return err
}

// persistence is what the client has to be told: its connection goes on unless
// it is (RFC 9112 §9.3).
func persistence(last bool) string {
	if last {
		return "Connection: close\r\n"
	}
	return ""
}
