package main

import (
	"bufio"
	"net"
	"sync"
	"time"
)

const mostIdle = 16

// link is the way to one server that speaks RESP: connections that are kept
// while nobody uses them. Each question has a connection to itself until its
// answers are there, so that nobody waits behind anybody else's question.
type link struct {
	address string
	lock    sync.Mutex
	idle    []*conn
}

func newLink(address string) *link { return &link{address: address} }

// conn is one connection. owes: an answer has not been read, so it cannot be used again.
type conn struct {
	net.Conn
	reader *bufio.Reader
	owes   bool
}

// say sends all commands in one write and reads an answer to each, in their order.
func (c *conn) say(deadline time.Time, commands ...command) ([]value, error) {
	var octets []byte
	for _, each := range commands {
		octets = each.appended(octets)
	}
	c.owes = true
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := c.Write(octets); err != nil {
		return nil, err
	}
	answers := make([]value, len(commands))
	for at := range answers {
		answer, err := readValue(c.reader, 0)
		if err != nil {
			return nil, err
		}
		answers[at] = answer
	}
	c.owes = false
	return answers, nil
}

// ask takes a connection of its own for one question.
func (l *link) ask(deadline time.Time, commands ...command) ([]value, error) {
	c, answers, err := l.begin(deadline, commands...)
	if err != nil {
		return nil, err
	}
	l.giveBack(c)
	return answers, nil
}

// begin asks on a connection that the caller then has: WATCH belongs to a connection.
//
// One that was kept may have ended meanwhile. So what is asked first has to be
// such that it may be asked twice: it is asked again on a new connection. All
// that were kept with it go too, since they are as old.
func (l *link) begin(deadline time.Time, commands ...command) (*conn, []value, error) {
	if c := l.kept(); c != nil {
		answers, err := c.say(deadline, commands...)
		if err == nil {
			return c, answers, nil
		}
		c.Close()
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return nil, nil, err
		}
		l.forget()
	}
	c, err := l.dial(deadline)
	if err != nil {
		return nil, nil, err
	}
	answers, err := c.say(deadline, commands...)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, answers, nil
}

func (l *link) dial(deadline time.Time) (*conn, error) {
	dialer := net.Dialer{Deadline: deadline}
	made, err := dialer.Dial("tcp", l.address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: made, reader: bufio.NewReaderSize(made, 16<<10)}, nil
}

// kept is the one that was used last, or nil.
func (l *link) kept() *conn {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.idle) == 0 {
		return nil
	}
	c := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	return c
}

// giveBack keeps a connection on which nothing is owed and nothing is watched.
func (l *link) giveBack(c *conn) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if c.owes || len(l.idle) >= mostIdle {
		c.Close()
		return
	}
	l.idle = append(l.idle, c)
}

func (l *link) forget() {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, c := range l.idle {
		c.Close()
	}
	l.idle = nil
}
