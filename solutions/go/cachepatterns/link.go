package main

import (
	"bufio"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	mostIdle     = 16
	mostFailures = 3
)

// errAway: the cache cannot be asked, or not any more for this request.
var errAway = errors.New("the cache is away")

// link is the way to the cache: connections that are kept while nobody uses
// them, and a breaker. Each question has a connection to itself, so nobody waits
// behind anybody else's question.
type link struct {
	address string
	pause   time.Duration // for which a cache that failed is left alone

	lock     sync.Mutex
	idle     []*conn
	failures int // in a row
	shut     time.Time
}

// open says whether the cache may be asked now. When the pause is over one
// request goes ahead, and the others wait for another pause, or for its success.
func (l *link) open(now time.Time) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.failures < mostFailures {
		return true
	}
	if now.Before(l.shut) {
		return false
	}
	l.shut = now.Add(l.pause)
	return true
}

// heard counts what came of a question.
func (l *link) heard(err error, now time.Time) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if err == nil {
		if l.failures >= mostFailures {
			log.Print("the cache is back")
		}
		l.failures = 0
		return
	}
	if l.failures++; l.failures == mostFailures {
		log.Printf("the cache is left alone: %v", err)
	}
	l.shut = now.Add(l.pause)
}

// visit is what one request says to the cache. It may take CACHE_MS in all, and
// ends with the first failure: who has waited once does not wait again.
type visit struct {
	*link
	left time.Duration
	over bool
}

// ask sends all commands in one write and returns an answer to each.
func (v *visit) ask(commands ...command) (answers []value, err error) {
	err = v.spend(func(deadline time.Time) error {
		c, got, err := v.begin(deadline, commands)
		if err == nil {
			v.giveBack(c)
		}
		answers = got
		return err
	})
	return answers, err
}

// step looks at what stands at name, and does what is then said to be done in one
// step with the look:
//
//	WATCH name, GET name              → what stands there
//	MULTI, what is to be done, EXEC   → nothing, where it was touched: once more
//
// It returns what EXEC answered: as many answers as there were commands, or none.
// A step that was given up, and reaches the cache late, finds the name touched by
// whoever came after it, and does nothing.
func (v *visit) step(name string, do func(octets []byte) []command) (answers []value, err error) {
	err = v.spend(func(deadline time.Time) error {
		look := []command{words("WATCH", name), words("GET", name)}
		c, seen, err := v.begin(deadline, look)
		for err == nil {
			var done value
			done, err = c.exec(deadline, do(seen[1].text))
			if err == nil && !done.null {
				v.giveBack(c)
				answers = done.items
				return nil
			}
			if err == nil {
				seen, err = c.say(deadline, look)
			}
		}
		return err
	})
	return answers, err
}

// spend is the one place where a failure of the cache becomes a thing of no importance.
func (v *visit) spend(work func(deadline time.Time) error) error {
	began := time.Now()
	if v.over || v.left <= 0 || !v.open(began) {
		v.over = true
		return errAway
	}
	err := work(began.Add(v.left))
	now := time.Now()
	v.left -= now.Sub(began)
	v.heard(err, now)
	if err != nil {
		v.over = true
		return errAway
	}
	return nil
}

// begin asks on a connection that the caller then has.
//
// One that was kept may have ended meanwhile. That is no failure, so it is asked
// again on a new one: what is asked first may be asked twice. All that were kept
// with it go too, since they are as old.
func (l *link) begin(deadline time.Time, commands []command) (*conn, []value, error) {
	if c := l.kept(); c != nil {
		answers, err := c.say(deadline, commands)
		if err == nil {
			return c, answers, nil
		}
		if !c.ended {
			return nil, nil, err
		}
		l.forget()
	}
	dialer := net.Dialer{Deadline: deadline}
	made, err := dialer.Dial("tcp", l.address)
	if err != nil {
		return nil, nil, err
	}
	c := &conn{Conn: made, reader: bufio.NewReaderSize(made, 16<<10)}
	answers, err := c.say(deadline, commands)
	return c, answers, err
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

// giveBack keeps a connection on which every answer has been read.
func (l *link) giveBack(c *conn) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.idle) == mostIdle {
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

// conn is one connection. After an error it is closed: an answer may be owed on
// it, and RESP tells answers apart by nothing but their order.
type conn struct {
	net.Conn
	reader *bufio.Reader
	ended  bool // by the other side, before it answered anything
}

// say sends all commands in one write and reads an answer to each, in their order.
func (c *conn) say(deadline time.Time, commands []command) ([]value, error) {
	answers, err := c.said(deadline, commands)
	if err != nil {
		c.Close()
	}
	return answers, err
}

func (c *conn) said(deadline time.Time, commands []command) ([]value, error) {
	var octets []byte
	for _, each := range commands {
		octets = each.appended(octets)
	}
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if _, err := c.Write(octets); err != nil {
		c.ended = !errors.Is(err, os.ErrDeadlineExceeded)
		return nil, err
	}
	var answers []value
	for at, each := range commands {
		answer, err := readValue(c.reader, 0)
		if err != nil {
			c.ended = at == 0 && err != errNotRESP && !errors.Is(err, os.ErrDeadlineExceeded)
			return nil, err
		}
		if !fits(answer, string(each[0])) {
			return nil, fmt.Errorf("it said %q to %s", answer.text, each[0])
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// exec does all the commands in one step, and returns what EXEC answered. Without commands it does nothing.
func (c *conn) exec(deadline time.Time, commands []command) (value, error) {
	if commands == nil {
		_, err := c.say(deadline, []command{words("UNWATCH")})
		return value{}, err
	}
	all := append([]command{words("MULTI")}, commands...)
	answers, err := c.say(deadline, append(all, words("EXEC")))
	if err != nil {
		return value{}, err
	}
	return answers[len(answers)-1], nil
}

// fits says whether a value can be the answer to a command. An error can be, when
// it is about the entry: there is one of another kind, or no room for one. Any
// other is a failure of the cache, and so is an answer of the wrong kind.
func fits(v value, word string) bool {
	text := string(v.text)
	switch {
	case v.kind == '-':
		prefix, _, _ := strings.Cut(text, " ")
		return prefix == "WRONGTYPE" || prefix == "OOM" || prefix == "EXECABORT"
	case v.kind == '+' && text == "QUEUED":
		return true
	case word == "GET":
		return v.kind == '$'
	case word == "SET":
		return v.kind == '+' || v.null
	case word == "EXEC", word == "SMEMBERS":
		return v.kind == '*'
	case word == "DEL", word == "SREM":
		return v.kind == ':'
	}
	return v.kind == '+' // WATCH, UNWATCH, MULTI
}
