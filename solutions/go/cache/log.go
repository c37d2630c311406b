package main

import (
	"encoding/binary"
	"hash/crc32"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
)

// flushing is when the log is flushed to the disk.
type flushing int

const (
	flushNever flushing = iota // whenever the system likes
	flushEverySecond
	flushAlways // before anybody is told
)

var flushingNames = []string{"no", "everysec", "always"}

func (f flushing) String() string { return flushingNames[f] }

func parseFlushing(text string) (flushing, bool) {
	for i, name := range flushingNames {
		if strings.EqualFold(text, name) {
			return flushing(i), true
		}
	}
	return 0, false
}

// headSize is the head of a record: the length of the rest and its CRC, of four
// octets each. The rest is commands, of one turn at the lock: all are read
// again, or none.
const headSize = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An appendLog is the file of all changes. What belongs to one command is
// gathered under the cache's lock; then it waits, with that of others, for
// somebody to write it.
//
// Who needs a change to be safe calls commit. The first one writes for all that
// wait, and flushes once; who comes meanwhile waits for the next turn. So the
// more clients there are, the more share one flush.
//
// A nil log keeps nothing.
type appendLog struct {
	record []byte // guarded by the cache's lock
	sealed int64

	mu       sync.Mutex
	turn     *sync.Cond
	file     *os.File
	flushing flushing
	pending  []byte
	spare    []byte // the buffer of the last turn
	busy     bool   // somebody writes
	end      int64  // octets that were ever sealed, written, and flushed
	written  int64
	flushed  int64
}

func newAppendLog(file *os.File, f flushing) *appendLog {
	l := &appendLog{file: file, flushing: f}
	l.turn = sync.NewCond(&l.mu)
	return l
}

// add puts a command into the record of this turn.
func (l *appendLog) add(words ...[]byte) {
	if l == nil {
		return
	}
	if len(l.record) == 0 {
		l.record = append(l.record, make([]byte, headSize)...)
	}
	l.record = appendCommand(l.record, words...)
}

func appendCommand(to []byte, words ...[]byte) []byte {
	to = append(to, '*')
	to = strconv.AppendInt(to, int64(len(words)), 10)
	to = append(to, '\r', '\n')
	for _, word := range words {
		to = append(to, '$')
		to = strconv.AppendInt(to, int64(len(word)), 10)
		to = append(to, '\r', '\n')
		to = append(to, word...)
		to = append(to, '\r', '\n')
	}
	return to
}

// seal ends the record, and returns the position that has to be committed for
// everything up to it to be safe.
func (l *appendLog) seal() int64 {
	if l == nil || len(l.record) == 0 {
		return l.position()
	}
	finishRecord(l.record)
	l.sealed += int64(len(l.record))
	l.mu.Lock()
	l.pending = append(l.pending, l.record...)
	l.end = l.sealed
	l.mu.Unlock()
	l.record = l.record[:0]
	if cap(l.record) > keptSize {
		l.record = nil
	}
	return l.sealed
}

func (l *appendLog) position() int64 {
	if l == nil {
		return 0
	}
	return l.sealed
}

// finishRecord fills in the head.
func finishRecord(record []byte) {
	rest := record[headSize:]
	binary.BigEndian.PutUint32(record, uint32(len(rest)))
	binary.BigEndian.PutUint32(record[4:], crc32.Checksum(rest, castagnoli))
}

// commit returns when everything before position is as safe as was asked for.
func (l *appendLog) commit(position int64) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.safe(position) {
		l.takeTurn(l.flushing == flushAlways)
	}
}

func (l *appendLog) safe(position int64) bool {
	if l.flushing == flushAlways {
		return l.flushed >= position
	}
	return l.written >= position
}

// flush is what a second asks for. It takes no turn for the flush itself, so
// that who only has to have written goes on meanwhile.
func (l *appendLog) flush() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.end
	for l.written < end {
		l.takeTurn(l.flushing == flushAlways)
	}
	if l.flushing == flushNever || l.flushed >= end {
		return
	}
	l.mu.Unlock()
	l.sync()
	l.mu.Lock()
	l.flushed = max(l.flushed, end)
	l.turn.Broadcast()
}

func (l *appendLog) sync() {
	if err := l.file.Sync(); err != nil {
		log.Fatalf("the log cannot be flushed: %v", err)
	}
}

// takeTurn writes what is pending, or waits while another does. mu is held,
// but not while the disk works.
//
// A log that cannot be written ends the program: what was acknowledged is on
// the disk, and nothing may be acknowledged any more.
func (l *appendLog) takeTurn(flush bool) {
	if l.busy {
		l.turn.Wait()
		return
	}
	l.busy = true
	batch, end := l.pending, l.end
	l.pending = l.spare[:0]
	l.mu.Unlock()
	if _, err := l.file.Write(batch); err != nil {
		log.Fatalf("the log cannot be written: %v", err)
	}
	if flush {
		l.sync()
	}
	l.mu.Lock()
	l.busy = false
	l.written = end
	if flush {
		l.flushed = max(l.flushed, end)
	}
	if l.spare = batch; cap(batch) > 16*keptSize {
		l.spare = nil
	}
	l.turn.Broadcast()
}

func (l *appendLog) setFlushing(f flushing) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flushing = f
}

// close flushes, whatever was asked for, and ends.
func (l *appendLog) close() error {
	if l == nil {
		return nil
	}
	l.setFlushing(flushAlways)
	l.flush()
	return l.file.Close()
}
