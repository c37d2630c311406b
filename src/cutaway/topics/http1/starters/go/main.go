// An HTTP/1.1 server that gives one answer: GET / is 200, everything else is 404.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
)

const longestHead = 16 << 10

var blankLine = []byte("\r\n\r\n")

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		// Later: while this client is served, every other one waits in the kernel's queue.
		if err := serve(conn); err != nil {
			// recover: one client that vanishes must not take the server with it.
			log.Printf("a connection was lost: %v", err)
		}
		conn.Close()
	}
}

// serve reads one request and answers it. Later: the connection stays open for the next one.
func serve(conn net.Conn) error {
	head, err := readHead(conn)
	if err != nil {
		return err
	}

	// parse it: the first line is METHOD SP TARGET SP VERSION.
	// Later: what does not look like that is refused with 400, and the fields below it count.
	line, _, _ := strings.Cut(head, "\r\n")
	method, rest, _ := strings.Cut(line, " ")
	target, _, _ := strings.Cut(rest, " ")

	// decide: which answer.
	// act: nothing to look up or to store yet.
	if method == "GET" && target == "/" {
		return answer(conn, "200 OK", "hello\n")
	}
	return answer(conn, "404 Not Found", "there is nothing here\n")
}

// readHead returns the request up to its blank line.
func readHead(conn net.Conn) (string, error) {
	var data []byte
	buf := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buf)
		data = append(data, buf[:n]...)

		// frame it: a head ends at the first blank line. One read may bring less than that, or
		// more. Later: what comes behind it is the body, or the next request; here it is lost.
		if end := bytes.Index(data, blankLine); end >= 0 {
			return string(data[:end]), nil
		}
		if err != nil {
			return "", err
		}

		// bound it: a client that never sends a blank line must not fill the memory.
		// Later: say 431 first; and do not wait for ever for a client that says nothing.
		if len(data) > longestHead {
			return "", errors.New("the head is too long")
		}
	}
}

// answer sends a status line, fields, a blank line and the body. Content-Length counts the bytes of
// the body. It is how the client knows the end.
func answer(conn net.Conn, status, body string) error {
	_, err := fmt.Fprintf(conn, "HTTP/1.1 %s\r\n"+
		"Content-Type: text/plain\r\n"+
		"Content-Length: %d\r\n"+
		"Connection: close\r\n"+
		"\r\n%s", status, len(body), body)
	return err
}
