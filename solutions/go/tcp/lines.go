package main

import (
	"bufio"
	"bytes"
	"errors"
)

const maxLine = 4096 // bytes before the LF

// serveLines sends each line back exactly as it came. After "/join ROOM" the
// connection is a member of a room, and its lines go to the room instead.
func (l *lobby) serveLines(c *conn) error {
	out := bufio.NewWriter(c)
	defer out.Flush()
	// The buffer holds the longest line and its LF, so a full buffer without
	// an LF is a line too long.
	in := bufio.NewReaderSize(flushingReader{c, out}, maxLine+1)

	var self *member
	defer func() {
		if self != nil {
			l.leave(self)
			self.finish()
		}
	}()
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			out.Flush()
			return errRefused
		case err != nil:
			return err
		}
		room, joins := parseJoin(line)
		switch {
		case joins:
			if self == nil {
				if err := out.Flush(); err != nil {
					return err
				}
				self = newMember(c)
			}
			l.join(self, room)
		case self != nil:
			l.say(self.room, line)
		default:
			out.Write(line) // an error comes back from the next read, by its Flush
		}
	}
}

// parseJoin returns the room that a "/join ROOM" line names.
func parseJoin(line []byte) (room string, ok bool) {
	name, ok := bytes.CutPrefix(line, []byte("/join "))
	if !ok {
		return "", false
	}
	name = bytes.TrimSuffix(bytes.TrimSuffix(name, []byte("\n")), []byte("\r"))
	return string(name), len(name) > 0
}
