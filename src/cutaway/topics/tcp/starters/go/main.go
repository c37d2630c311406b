// Raw echo on $PORT: every byte that arrives is sent back, until the client has finished.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"errors"
	"io"
	"log"
	"net"
	"os"
)

func main() {
	// Later: two more listeners, on $LINES_PORT and $FRAMES_PORT.
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
		if err := echo(conn); err != nil {
			// recover: one client that vanishes must not take the server with it.
			log.Printf("a connection was lost: %v", err)
		}
		conn.Close()
	}
}

func echo(conn net.Conn) error {
	// bound it: at most this many bytes at a time, however much the client sends.
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)

		// frame it, parse it: nothing to do. A piece of the stream is not a message, and echo
		// does not need one. Later: where a line or a frame ends is ours to find, across pieces.

		// act: an echo has nothing to work out.

		// answer: Write returns only when all of it is taken, or with an error.
		// Later: a client that does not read makes this wait, and everybody else with it.
		if _, err := conn.Write(buf[:n]); err != nil {
			return err
		}

		// decide: io.EOF is the client's FIN. It means "I have finished sending"; the caller
		// closes, which sends our own FIN.
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
