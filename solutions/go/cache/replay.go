package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"os"
	"path/filepath"
)

const (
	logName  = "appendonly.log"
	tornName = "appendonly.torn"
)

// restore makes the keyspace what the log says, and opens the log for more.
func (c *cache) restore() error {
	if !c.settings.appendOnly {
		return nil
	}
	path := filepath.Join(c.settings.folder, logName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	whole, err := c.replay(file)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", path, err)
	}
	if err := c.cutTorn(file, whole); err != nil {
		return fmt.Errorf("cannot cut the torn end of %s: %w", path, err)
	}
	if file, err = c.tidy(file, whole); err != nil {
		return fmt.Errorf("cannot write %s anew: %w", path, err)
	}
	if err := errors.Join(file.Sync(), syncFolder(c.settings.folder)); err != nil {
		return err
	}
	c.log = newAppendLog(file, c.settings.flushing)
	c.keys.log = c.log
	return nil
}

// replay runs the commands of all whole records, and returns where the last
// one ends. Time stands still at zero, so that no key is over before the log
// says so.
func (c *cache) replay(file *os.File) (whole int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	in := bufio.NewReaderSize(file, 1<<20)
	s := c.join(nil)
	defer c.leave(s)
	for {
		rest, err := readRecord(in, info.Size()-whole)
		if errors.Is(err, errTorn) {
			return whole, nil
		}
		if err != nil {
			return 0, err
		}
		if err := c.rerun(s, rest); err != nil {
			return 0, fmt.Errorf("octet %d: %w", whole, err)
		}
		whole += headSize + int64(len(rest))
	}
}

var errTorn = errors.New("the end of the log is torn")

// readRecord returns the commands of a record. left is how long the file still
// is: a length beyond it is not believed.
func readRecord(in io.Reader, left int64) ([]byte, error) {
	if left < headSize {
		return nil, errTorn
	}
	var head [headSize]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	length := int64(binary.BigEndian.Uint32(head[:]))
	if length == 0 || length > left-headSize {
		return nil, errTorn
	}
	rest := make([]byte, length)
	if _, err := io.ReadFull(in, rest); err != nil {
		return nil, err
	}
	if crc32.Checksum(rest, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
		return nil, errTorn
	}
	return rest, nil
}

// rerun executes the commands of one record. None of them may fail: none was
// logged that did.
func (c *cache) rerun(s *session, rest []byte) error {
	in := newCommandReader(bytes.NewReader(rest))
	for {
		args, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.replies.clear()
		s.dispatch(args)
		if bytes.HasPrefix(s.replies.buf, []byte("-")) {
			return fmt.Errorf("%s: %s", args[0], bytes.TrimSpace(s.replies.buf[1:]))
		}
	}
}

// cutTorn ends the file behind its last whole record. What is cut off is kept
// beside it: it may be more than a write that a crash broke off.
func (c *cache) cutTorn(file *os.File, whole int64) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil || end == whole {
		return err
	}
	log.Printf("the log is whole up to octet %d: the %d octets behind it are in %s now",
		whole, end-whole, tornName)
	torn, err := os.Create(filepath.Join(c.settings.folder, tornName))
	if err != nil {
		return err
	}
	defer torn.Close()
	if _, err := io.Copy(torn, io.NewSectionReader(file, whole, end-whole)); err != nil {
		return err
	}
	if err := torn.Sync(); err != nil {
		return err
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	_, err = file.Seek(whole, io.SeekStart)
	return err
}

// syncFolder makes a name in a folder as durable as the file it names.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
