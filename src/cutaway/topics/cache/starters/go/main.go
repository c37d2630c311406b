// A cache that can answer PING and ECHO, and holds nothing yet.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
)

const longest = 64 << 10

var (
	lineEnd    = []byte("\r\n")
	errPartial = errors.New("the command is not all here")
)

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
		if err := serve(conn); err != nil && err != io.EOF {
			// recover: one client that vanishes, or sends what is no command, must not take the
			// server with it. Later: say what was wrong first.
			log.Printf("a connection was lost: %v", err)
		}
		conn.Close()
	}
}

// serve answers one command after the other, until the client ends.
func serve(conn net.Conn) error {
	var data []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return err
		}
		data = append(data, buf[:n]...)

		// bound it: a client that never finishes its command must not fill the memory.
		// Later: an argument alone may have 8 MiB.
		if len(data) > longest {
			return errors.New("the command is too long")
		}
		words, err := parse(data)
		if err == errPartial {
			continue
		}
		if err != nil {
			return err
		}
		if len(words) > 0 {
			if _, err := conn.Write(answer(words)); err != nil {
				return err
			}
		}
		// Later: what stands behind the command is the next one; here it is thrown away.
		data = nil
	}
}

// parse returns the words of the command at the start of data, or errPartial.
func parse(data []byte) ([][]byte, error) {
	// frame it: a line ends with CR LF. What does not begin with * is a line of words.
	line, data, found := bytes.Cut(data, lineEnd)
	if !found {
		return nil, errPartial
	}
	if !bytes.HasPrefix(line, []byte("*")) {
		return bytes.Fields(line), nil
	}

	// parse it: * and a count; for each word $ and its length, then as many bytes and CR LF.
	// Later: a number that is too large is refused.
	count, err := strconv.Atoi(string(line[1:]))
	if err != nil {
		return nil, fmt.Errorf("this is no count: %q", line)
	}
	var words [][]byte
	for len(words) < count {
		line, data, found = bytes.Cut(data, lineEnd)
		if !found {
			return nil, errPartial
		}
		size, err := strconv.Atoi(string(bytes.TrimPrefix(line, []byte("$"))))
		if err != nil || size < 0 {
			return nil, fmt.Errorf("this is no length: %q", line)
		}
		if len(data) < size+len(lineEnd) {
			return nil, errPartial
		}
		words = append(words, data[:size])
		data = data[size+len(lineEnd):]
	}
	return words, nil
}

// answer decides by the first word, in any case, and by how many there are. There is nothing to look
// up or to store yet. The first byte of an answer says its kind: + a short text, $ bytes with their
// length, - an error.
func answer(words [][]byte) []byte {
	name := string(bytes.ToUpper(words[0]))
	switch {
	case name == "PING" && len(words) == 1:
		return []byte("+PONG\r\n")
	case (name == "PING" || name == "ECHO") && len(words) == 2:
		return fmt.Appendf(nil, "$%d\r\n%s\r\n", len(words[1]), words[1])
	}
	return []byte("-ERR unknown command, or wrong number of arguments\r\n")
}
