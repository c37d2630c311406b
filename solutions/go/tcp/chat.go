package main

import (
	"fmt"
	"sync"
	"time"
)

const (
	outboxLimit = 1 << 20   // more than this waiting ends the member
	outboxPace  = 512 << 10 // more than this slows down who speaks to it
	outboxPiece = 32 << 10  // written at once, so that progress shows
	outboxStall = 200 * time.Millisecond
	kernelShare = 256 << 10 // asked of the kernel for a member's send buffer
)

// A lobby holds the rooms. One lock orders everything: to say a line is to
// append it to each member's outbox while holding the lock, so all members
// see all lines in one order, and no member can make the lock wait.
type lobby struct {
	mu    sync.Mutex
	rooms map[string]map[*member]struct{}
}

func newLobby() *lobby {
	return &lobby{rooms: map[string]map[*member]struct{}{}}
}

// join moves m to the room and tells it so. Both happen under the lock: the
// answer comes before the first line of the room.
func (l *lobby) join(m *member, room string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(m)
	if l.rooms[room] == nil {
		l.rooms[room] = map[*member]struct{}{}
	}
	m.room = room
	l.rooms[room][m] = struct{}{}
	if !m.put(fmt.Appendf(nil, "joined %s\n", room)) {
		l.expel(m)
	}
}

func (l *lobby) leave(m *member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(m)
}

func (l *lobby) remove(m *member) {
	delete(l.rooms[m.room], m)
	if len(l.rooms[m.room]) == 0 {
		delete(l.rooms, m.room)
	}
}

// expel disconnects a member; its reader and its writer fail, and clean up.
func (l *lobby) expel(m *member) {
	l.remove(m)
	m.conn.abort()
}

// say gives the line to every member of the room, and returns when the
// speaker may go on.
func (l *lobby) say(room string, line []byte) {
	for _, m := range l.spread(room, line) {
		m.pace()
	}
}

// spread appends the line to every outbox of the room and returns the members
// that have much waiting. Who has too much is disconnected.
func (l *lobby) spread(room string, line []byte) (crowded []*member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for m := range l.rooms[room] {
		switch {
		case !m.put(line):
			l.expel(m)
		case m.waiting() > outboxPace:
			crowded = append(crowded, m)
		}
	}
	return crowded
}

// A member is a connection in a room. Lines wait in its outbox; a goroutine of
// its own writes them, so that a member that does not read stops nobody.
type member struct {
	conn *conn
	room string // guarded by the lobby's lock; changed by the reader alone
	done chan struct{}

	mu     sync.Mutex
	filled sync.Cond // signalled when pending or closed changes
	closed bool
	// pending is appended to; writing is what the writer has taken. Together
	// they hold unsent bytes.
	pending, writing []byte
	unsent           int
	moved            time.Time // when bytes last left, or began to wait
}

func newMember(c *conn) *member {
	// Without this the kernel would hold megabytes before ours counts.
	c.SetWriteBuffer(kernelShare)
	m := &member{conn: c, done: make(chan struct{}), moved: time.Now()}
	m.filled.L = &m.mu
	go m.write()
	return m
}

// put appends a line to the outbox; false means that too much would wait.
func (m *member) put(line []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unsent+len(line) > outboxLimit {
		return false
	}
	if m.unsent == 0 {
		m.moved = time.Now()
	}
	m.pending = append(m.pending, line...)
	m.unsent += len(line)
	m.filled.Signal()
	return true
}

func (m *member) waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.unsent
}

// pace waits while much is waiting and the member keeps reading, so that a
// fast speaker does not throw out honest listeners. For one that does not
// read, it waits once, shortly, and never again until something moves.
func (m *member) pace() {
	for m.busyReading() {
		time.Sleep(time.Millisecond)
	}
}

func (m *member) busyReading() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.closed && m.unsent > outboxPace && time.Since(m.moved) < outboxStall
}

// write sends what is put until finish, or until the connection fails.
func (m *member) write() {
	defer close(m.done)
	for m.take() {
		for rest := m.writing; len(rest) > 0; {
			n, err := m.conn.Write(rest[:min(len(rest), outboxPiece)])
			if err != nil {
				m.conn.abort()
				return
			}
			rest = rest[n:]
			m.sent(n)
		}
	}
}

// take waits for lines and swaps the two buffers; false means the end.
func (m *member) take() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.pending) == 0 && !m.closed {
		m.filled.Wait()
	}
	m.pending, m.writing = m.writing[:0], m.pending
	if cap(m.pending) > outboxPiece {
		m.pending = nil // after a burst, a quiet member holds little again
	}
	return len(m.writing) > 0
}

func (m *member) sent(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unsent -= n
	m.moved = time.Now()
}

// finish sends what still waits and ends the writer.
func (m *member) finish() {
	m.mu.Lock()
	m.closed = true
	m.filled.Signal()
	m.mu.Unlock()
	<-m.done
}
