package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

const (
	maxFrame  = 1 << 20
	keepFrame = 16 << 10 // a larger buffer is not kept for the next frame
)

// frames sends each frame back: a length of four bytes, most significant
// first, then as many bytes. A frame cut short by the end is no frame.
func frames(c *conn) error {
	out := bufio.NewWriter(c)
	defer out.Flush()
	in := bufio.NewReader(flushingReader{c, out})
	var payload bytes.Buffer
	for {
		var header [4]byte
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return err
		}
		length := binary.BigEndian.Uint32(header[:])
		if length > maxFrame {
			out.Flush()
			return errRefused
		}
		// CopyN lets the buffer grow with what arrives, not with what was
		// promised: four bytes must not cost the server a megabyte.
		if _, err := io.CopyN(&payload, in, int64(length)); err != nil {
			return err
		}
		out.Write(header[:]) // an error stays in out and comes back from Flush
		if _, err := out.Write(payload.Bytes()); err != nil {
			return err
		}
		payload.Reset()
		if payload.Cap() > keepFrame {
			payload = bytes.Buffer{}
		}
	}
}
