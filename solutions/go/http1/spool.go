package main

import (
	"bytes"
	"io"
	"os"
)

const spoolMemory = 256 << 10

// A spool keeps what is written to it: a little in memory, more in a file
// that has no name. So fifty clients that each send megabytes cost disk, and
// the process does not grow with them.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) > spoolMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	var to io.Writer = &s.memory
	if s.file != nil {
		to = s.file
	}
	n, err := to.Write(p)
	s.size += int64(n)
	return n, err
}

func (s *spool) spill() error {
	file, err := os.CreateTemp("", "echo-*")
	if err != nil {
		return err
	}
	os.Remove(file.Name()) // the open file stays; nothing is left after a crash
	s.file = file
	_, err = s.memory.WriteTo(file)
	s.memory = bytes.Buffer{}
	return err
}

// copyOut writes all of it, once.
func (s *spool) copyOut(w io.Writer) error {
	if s.file == nil {
		_, err := w.Write(s.memory.Bytes())
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

func (s *spool) Close() {
	if s.file != nil {
		s.file.Close()
	}
}
