// A reverse proxy: each request goes to one upstream, and what that answers is answered.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
)

const longestHead = 16 << 10

func main() {
	// Later: there are several, separated by commas. Here the first of them gets everything.
	upstream, _, _ := strings.Cut(os.Getenv("UPSTREAMS"), ",")
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
		if err := serve(conn, upstream); err != nil {
			// recover: one client that vanishes must not take the proxy with it.
			log.Printf("a connection was lost: %v", err)
		}
		conn.Close()
	}
}

// serve forwards one request after the other, until the client ends or has to be ended.
func serve(conn net.Conn, upstream string) error {
	client := bufio.NewReader(conn) // what is behind a message stays in it, unread
	for {
		goesOn, err := forward(conn, client, upstream)
		if err == io.EOF {
			return nil
		}
		if err != nil || !goesOn {
			return err
		}
	}
}

// forward takes one request to the upstream and its answer back. It reports whether the client
// connection goes on behind it.
func forward(conn net.Conn, client *bufio.Reader, upstream string) (bool, error) {
	head, err := readHead(client)
	if err != nil {
		return false, err
	}

	// parse it: the first line is METHOD SP TARGET SP VERSION. The target is passed on as it is.
	// Later: what does not look like that is refused with 400, and never reaches an upstream.
	method, _, _ := strings.Cut(head, " ")

	// Later: a body can come in chunks too, or be too large to be held in memory.
	length, _, err := lengthOf(head)
	if err != nil {
		return false, err
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(client, body); err != nil {
		return false, err
	}

	// decide: there is one upstream, and no tunnels.
	if method == "CONNECT" {
		return true, refuse(conn, "501 Not Implemented")
	}

	// act: send the request as it came, and read the answer to its end.
	// Later: connections to the upstream are kept, and fields that belong to one are taken out.
	there, err := net.Dial("tcp", upstream)
	if err != nil {
		// recover: no upstream is no reason to fall silent.
		return true, refuse(conn, "502 Bad Gateway")
	}
	defer there.Close()
	if _, err := there.Write(append([]byte(head), body...)); err != nil {
		return false, err
	}
	return answer(conn, bufio.NewReader(there), method)
}

// answer passes on what the upstream answers. It reports whether the end of the answer can be known
// without the end of the connection.
func answer(conn net.Conn, there *bufio.Reader, method string) (bool, error) {
	// Later: an upstream that ends without an answer is 502, one that is silent 504.
	head, err := readHead(there)
	if err != nil {
		return false, fmt.Errorf("no answer came from the upstream: %w", err)
	}

	// frame it: these never have a body, whatever their fields say.
	length, known, err := lengthOf(head)
	if err != nil {
		return false, err
	}
	status := strings.SplitN(head, " ", 3)[1]
	if method == "HEAD" || status == "204" || status == "304" {
		length, known = 0, true
	}

	// answer: head and body as they came.
	var body []byte
	if known {
		body = make([]byte, length)
		_, err = io.ReadFull(there, body)
	} else {
		body, err = io.ReadAll(there)
	}
	if err != nil {
		return false, err
	}
	_, err = conn.Write(append([]byte(head), body...))
	return known, err
}

// readHead returns everything up to the blank line, with it.
func readHead(from *bufio.Reader) (string, error) {
	var head []byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		// frame it: one read of the connection may bring less than a head, or more.
		line, err := from.ReadSlice('\n')
		head = append(head, line...)
		if err == io.EOF && len(head) > 0 {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}

		// bound it: whoever never sends a blank line must not fill the memory.
		// Later: say 431 first.
		if len(head) > longestHead {
			return "", errors.New("the head is too long")
		}
	}
	return string(head), nil
}

// lengthOf returns what Content-Length says, and whether it is there.
func lengthOf(head string) (int, bool, error) {
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "content-length") {
			length, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || length < 0 {
				return 0, false, fmt.Errorf("this is no length: %q", value)
			}
			return length, true, nil
		}
	}
	return 0, false, nil
}

// refuse is an answer of the proxy itself, without a body.
func refuse(conn net.Conn, status string) error {
	_, err := fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status)
	return err
}
