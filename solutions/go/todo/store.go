package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"
)

// The keys:
//
//	todo:ID     string      the to-do, as kept.go writes it
//	order       sorted set  every ID by its number
//	last        string      the number that was given out last
//	once:SUM    string      what a request with an idempotency key made, for a day
//
// Several programs write at once. So a write watches what it has looked at, and
// EXEC answers nothing where somebody came between; then it begins again.
const (
	orderKey = "order"
	lastKey  = "last"
	day      = "86400"
	batch    = 250
)

// errAway: the store cannot be asked, or has not answered in time.
var errAway = errors.New("the store does not answer")

type store struct {
	link     *link
	patience time.Duration
	turn     turn
}

// turn lets one creation at a time through: all want the next number, and would
// only disturb each other. It is a channel, so that waiting for it ends in time.
type turn chan struct{}

func (t turn) take(deadline time.Time) bool {
	select {
	case t <- struct{}{}:
		return true
	case <-time.After(time.Until(deadline)):
		return false
	}
}

func (t turn) give() { <-t }

// deadline is for all that one request asks the store.
func (s *store) deadline() time.Time { return time.Now().Add(s.patience) }

func (s *store) alive() error {
	answers, err := s.link.ask(s.deadline(), words("PING"))
	return away(err, answers...)
}

// get returns nil where there is no such to-do.
func (s *store) get(id string) (*kept, error) {
	answers, err := s.link.ask(s.deadline(), words("GET", "todo:"+id))
	if err := away(err, answers...); err != nil {
		return nil, err
	}
	return stored(answers[0], id)
}

// receipt is what was made under an idempotency key, and a digest of the body that came with it.
type receipt struct {
	digest string
	made   kept
}

// add creates it; or says what was created before under that key. An empty key is none.
func (s *store) add(k kept, key, digest string) (receipt, error) {
	deadline, mine := s.deadline(), receipt{digest, k}
	if !s.turn.take(deadline) {
		return mine, errAway
	}
	defer s.turn.give()
	for {
		found, done, err := s.tryToAdd(deadline, mine, key)
		if done || err != nil {
			return found, err
		}
		time.Sleep(rand.N(2 * time.Millisecond)) // another program was faster
	}
}

func (s *store) tryToAdd(deadline time.Time, mine receipt, key string) (receipt, bool, error) {
	looked := []string{lastKey}
	if key != "" {
		looked = append(looked, "once:"+key)
	}
	watch, look := words(append([]string{"WATCH"}, looked...)...), words(append([]string{"MGET"}, looked...)...)
	c, answers, err := s.link.begin(deadline, watch, look)
	if err := away(err, answers...); err != nil {
		return mine, false, err
	}
	defer s.link.giveBack(c)
	items := answers[1].items
	if len(items) != len(looked) {
		return mine, false, errAway
	}
	if key != "" && !items[1].null {
		_, err := c.say(deadline, words("UNWATCH"))
		found, ok := readReceipt(items[1].text)
		if !ok {
			return mine, false, errAway
		}
		return found, true, away(err)
	}
	last, _ := strconv.Atoi(string(items[0].text))
	number, id := strconv.Itoa(last+1), mine.made.ID
	commands := []command{
		words("SET", lastKey, number),
		words("ZADD", orderKey, number, id),
		{[]byte("SET"), []byte("todo:" + id), mine.made.octets()},
	}
	if key != "" {
		commands = append(commands, command{[]byte("SET"), []byte("once:" + key), mine.octets(), []byte("EX"), []byte(day)})
	}
	done, err := commit(c, deadline, commands...)
	return mine, done, err
}

// change puts in the place of a to-do what decide says; nil removes it. decide gets nil where there
// is none, may refuse with an error, and is asked again when somebody else was faster.
func (s *store) change(id string, decide func(old *kept) (*kept, error)) (*kept, error) {
	deadline := s.deadline()
	for {
		made, done, err := s.tryToChange(deadline, id, decide)
		if done || err != nil {
			return made, err
		}
	}
}

func (s *store) tryToChange(deadline time.Time, id string, decide func(*kept) (*kept, error)) (*kept, bool, error) {
	name := "todo:" + id
	c, answers, err := s.link.begin(deadline, words("WATCH", name), words("GET", name))
	if err := away(err, answers...); err != nil {
		return nil, false, err
	}
	defer s.link.giveBack(c)
	old, err := stored(answers[1], id)
	if err != nil {
		c.owes = true // it still watches: do not use it again
		return nil, false, err
	}
	made, refused := decide(old)
	if refused != nil {
		_, err := c.say(deadline, words("UNWATCH"))
		return nil, false, errors.Join(refused, away(err))
	}
	commands := []command{words("DEL", name), words("ZREM", orderKey, id)}
	if made != nil {
		commands = []command{{[]byte("SET"), []byte(name), made.octets()}}
	}
	done, err := commit(c, deadline, commands...)
	return made, done, err
}

// commit is whether all of it was done; it was not where what is watched has changed.
func commit(c *conn, deadline time.Time, commands ...command) (bool, error) {
	all := append([]command{words("MULTI")}, commands...)
	answers, err := c.say(deadline, append(all, words("EXEC"))...)
	if err := away(err, answers...); err != nil {
		return false, err
	}
	last := answers[len(answers)-1]
	return !last.null, away(nil, last.items...)
}

// page is the next to-dos that are wanted, and the number behind which to go on: 0 where none follow.
func (s *store) page(after, limit int, wanted func(kept) bool) ([]kept, int, error) {
	deadline, found, number := s.deadline(), []kept(nil), 0
	for {
		ids, numbers, err := s.ids(deadline, after)
		if err != nil || len(ids) == 0 {
			return found, 0, err
		}
		some, err := s.some(deadline, ids)
		if err != nil {
			return nil, 0, err
		}
		for at, each := range some {
			after = numbers[at]
			if each == nil || !wanted(*each) { // nil: deleted meanwhile
				continue
			}
			if len(found) == limit {
				return found, number, nil
			}
			found, number = append(found, *each), after
		}
	}
}

// ids of the next ones in the order of their creation, with their numbers.
func (s *store) ids(deadline time.Time, after int) ([]string, []int, error) {
	ask := words("ZRANGE", orderKey, "("+strconv.Itoa(after), "+inf", "BYSCORE",
		"LIMIT", "0", strconv.Itoa(batch), "WITHSCORES")
	answers, err := s.link.ask(deadline, ask)
	if err := away(err, answers...); err != nil {
		return nil, nil, err
	}
	var ids []string
	var numbers []int
	items := answers[0].items
	for at := 0; at+1 < len(items); at += 2 {
		number, err := strconv.Atoi(string(items[at+1].text))
		if err != nil {
			return nil, nil, errAway
		}
		ids, numbers = append(ids, string(items[at].text)), append(numbers, number)
	}
	return ids, numbers, nil
}

func (s *store) some(deadline time.Time, ids []string) ([]*kept, error) {
	names := []string{"MGET"}
	for _, id := range ids {
		names = append(names, "todo:"+id)
	}
	answers, err := s.link.ask(deadline, words(names...))
	if err := away(err, answers...); err != nil {
		return nil, err
	}
	if len(answers[0].items) != len(ids) {
		return nil, errAway
	}
	found := make([]*kept, len(ids))
	for at, item := range answers[0].items {
		if found[at], err = stored(item, ids[at]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// stored is the to-do, or nil. What is no to-do there is no store of ours.
func stored(v value, id string) (*kept, error) {
	if v.null {
		return nil, nil
	}
	found, ok := believed(v.text, id)
	if !ok || v.isError() {
		return nil, errAway
	}
	return &found, nil
}

// away is errAway where there is an error, or where the store says one: it loads, or is full.
func away(err error, answers ...value) error {
	if err != nil {
		return errAway
	}
	for _, answer := range answers {
		if answer.isError() {
			return errAway
		}
	}
	return nil
}

func (r receipt) octets() []byte {
	return append([]byte(r.digest+" "), r.made.octets()...)
}

func readReceipt(octets []byte) (receipt, bool) {
	digest, rest, _ := bytes.Cut(octets, []byte(" "))
	made, ok := readKept(rest)
	return receipt{string(digest), made}, ok
}
