package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
)

var reasons = map[int]string{
	200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content",
	304: "Not Modified",
	400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
	406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict",
	412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
	416: "Range Not Satisfiable", 417: "Expectation Failed",
	431: "Request Header Fields Too Large",
	500: "Internal Server Error", 501: "Not Implemented", 505: "HTTP Version Not Supported",
	507: "Insufficient Storage",
}

// A statusError is a request that ends with a status instead of a result.
type statusError struct {
	code   int
	why    string
	fields fields
	closes bool // the end of the request is not known: no other can follow
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.code, reasons[e.code], e.why)
}

// response is what the client gets: a line of text.
func (e *statusError) response() *response {
	resp := textResponse(e.code, e.Error()+"\n")
	resp.fields = append(resp.fields, e.fields...)
	resp.closes = e.closes
	return resp
}

// badRequest refuses bytes that are no HTTP/1.1 message, and closes.
func badRequest(why string) *statusError {
	return &statusError{code: 400, why: why, closes: true}
}

// refusal ends a well-framed request; the connection may go on.
func refusal(code int, why string) *statusError {
	return &statusError{code: code, why: why}
}

// asStatus says how an error is answered; nil means that there is nobody left
// to answer.
func asStatus(err error) *statusError {
	var status *statusError
	switch {
	case errors.As(err, &status):
		return status
	case errors.Is(err, io.ErrUnexpectedEOF):
		return badRequest("the request is cut short")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &statusError{code: 408, why: "the request took too long to arrive", closes: true}
	case errors.Is(err, io.EOF), errors.As(err, new(*net.OpError)):
		return nil
	default:
		log.Print(err)
		// What failed is not known; perhaps the body is half read.
		return &statusError{code: 500, why: "see the log", closes: true}
	}
}

// allow is the refusal of a method that the resource does not have.
func allow(method string, methods []string) *statusError {
	e := refusal(405, method+" is not a method of this resource")
	if !knownMethods[method] {
		e = refusal(501, "no resource here has the method "+method)
	}
	e.fields = fields{{"Allow", strings.Join(methods, ", ")}}
	return e
}

var knownMethods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "DELETE": true,
	"OPTIONS": true, "TRACE": true, "PATCH": true,
}
