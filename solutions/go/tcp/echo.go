package main

import (
	"bufio"
	"io"
)

// echo sends every byte back. The stream has no messages, so it needs no
// framing; at the client's FIN everything before it has been written, and the
// close that follows sends ours.
func echo(c *conn) error {
	buf := make([]byte, 8<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A flushingReader sends what waits in w before it blocks in Read. Below a
// bufio.Reader it gives the best of both: many requests in one segment are
// answered by one segment, and no answer waits for the next request.
type flushingReader struct {
	io.Reader
	w *bufio.Writer
}

func (f flushingReader) Read(p []byte) (int, error) {
	if err := f.w.Flush(); err != nil {
		return 0, err
	}
	return f.Reader.Read(p)
}
