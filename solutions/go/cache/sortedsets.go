package main

import (
	"bytes"
	"math"
	"strconv"
)

var sortedSetCommands = []command{
	{"ZADD", -4, writes | grows | fast, oneKey, zAdd},
	{"ZINCRBY", 4, writes | grows | fast, oneKey, zIncrBy},
	{"ZREM", -3, writes | fast, oneKey, zRem},
	{"ZSCORE", 3, fast, oneKey, zScore},
	{"ZCARD", 2, fast, oneKey, zCard},
	{"ZRANK", -3, fast, oneKey, rankCommand(false)},
	{"ZREVRANK", -3, fast, oneKey, rankCommand(true)},
	{"ZCOUNT", 4, fast, oneKey, zCount},
	{"ZRANGE", -4, 0, oneKey, zRange},
	{"ZRANGEBYSCORE", -4, 0, oneKey, zRangeByScore},
	{"ZREMRANGEBYSCORE", 4, writes, oneKey, zRemRangeByScore},
	{"ZREVRANGE", -4, 0, oneKey, zRevRange},
	{"ZPOPMIN", -2, writes | fast, oneKey, takeCommand(false)},
	{"ZPOPMAX", -2, writes | fast, oneKey, takeCommand(true)},
}

const errNaN failure = "ERR resulting score is not a number (NaN)"

// parseScore reads a decimal, or an infinity.
func parseScore(argument []byte) (float64, error) {
	value, err := strconv.ParseFloat(string(argument), 64)
	if err != nil || math.IsNaN(value) || bytes.IndexByte(argument, '_') >= 0 {
		return 0, errNotFloat
	}
	return value, nil
}

// readSortedSet returns an empty one where there is none.
func (s *session) readSortedSet(key []byte) (*sortedSet, error) {
	found, e, err := lookup[*sortedSet](&s.cache.keys, key)
	if e == nil {
		found = newSortedSet()
	}
	return found, err
}

// addOptions is what may stand between the key and the scores.
type addOptions struct{ nx, xx, gt, lt, changed, increment bool }

func readAddOptions(args [][]byte) (o addOptions, pairs [][]byte, err error) {
	at := 2
options:
	for ; at < len(args); at++ {
		switch option := args[at]; {
		case is(option, "NX"):
			o.nx = true
		case is(option, "XX"):
			o.xx = true
		case is(option, "GT"):
			o.gt = true
		case is(option, "LT"):
			o.lt = true
		case is(option, "CH"):
			o.changed = true
		case is(option, "INCR"):
			o.increment = true
		default:
			break options
		}
	}
	pairs = args[at:]
	switch {
	case len(pairs) == 0 || len(pairs)%2 != 0:
		return o, nil, errSyntax
	case o.nx && o.xx:
		return o, nil, failure("ERR XX and NX options at the same time are not compatible")
	case o.gt && o.lt || o.nx && (o.gt || o.lt):
		return o, nil, failure("ERR GT, LT, and/or NX options at the same time are not compatible")
	case o.increment && len(pairs) > 2:
		return o, nil, failure("ERR INCR option supports a single increment-element pair")
	}
	return o, pairs, nil
}

// allows reports whether a member may go from the score of a node, nil where it
// is new, to another.
func (o *addOptions) allows(old *node, score float64) bool {
	if old == nil {
		return !o.xx
	}
	return !o.nx && (!o.gt || score > old.score) && (!o.lt || score < old.score)
}

// added counts what ZADD did. last is the score of the last pair, refused
// where the options did not let it in.
type added struct {
	new, changed int
	last         float64
	refused      bool
}

func zAdd(s *session, args [][]byte) error {
	options, pairs, err := readAddOptions(args)
	if err != nil {
		return err
	}
	done, err := s.addScores(args[1], options, pairs)
	switch {
	case err != nil:
		return err
	case options.increment && done.refused:
		s.replies.null()
	case options.increment:
		s.replies.double(done.last)
	case options.changed:
		s.replies.count(done.new + done.changed)
	default:
		s.replies.count(done.new)
	}
	return nil
}

func zIncrBy(s *session, args [][]byte) error {
	done, err := s.addScores(args[1], addOptions{increment: true}, args[2:])
	if err == nil {
		s.replies.double(done.last)
	}
	return err
}

// addScores sets what the options allow. All scores are read before the first
// one is set.
func (s *session) addScores(key []byte, o addOptions, pairs [][]byte) (done added, err error) {
	scores := make([]float64, len(pairs)/2)
	for i := range scores {
		if scores[i], err = parseScore(pairs[2*i]); err != nil {
			return done, err
		}
	}
	keys := &s.cache.keys
	set, e, err := lookup[*sortedSet](keys, key)
	if err != nil {
		return done, err
	}
	if e == nil {
		set = newSortedSet()
	}
	for i, score := range scores {
		member := string(pairs[2*i+1])
		old := set.nodes[member]
		if o.increment && old != nil {
			score += old.score
		}
		if math.IsNaN(score) {
			return done, errNaN // only with INCR, which has one pair
		}
		done.last = score
		if done.refused = !o.allows(old, score); done.refused {
			continue
		}
		switch {
		case old == nil:
			done.new++
		case old.score != score:
			done.changed++
		}
		set.set(member, score)
	}
	if done.new+done.changed > 0 {
		if e == nil {
			e = keys.create(key, set)
		}
		keys.changed(e)
	}
	return done, nil
}

func zRem(s *session, args [][]byte) error {
	set, e, err := lookup[*sortedSet](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	removed := 0
	for _, member := range args[2:] {
		if e != nil && set.remove(string(member)) {
			removed++
		}
	}
	if removed > 0 {
		s.cache.keys.changed(e)
	}
	s.replies.count(removed)
	return nil
}

func zScore(s *session, args [][]byte) error {
	set, err := s.readSortedSet(args[1])
	if err != nil {
		return err
	}
	if found := set.nodes[string(args[2])]; found != nil {
		s.replies.double(found.score)
	} else {
		s.replies.null()
	}
	return nil
}

func zCard(s *session, args [][]byte) error {
	set, err := s.readSortedSet(args[1])
	if err == nil {
		s.replies.count(set.len())
	}
	return err
}

func rankCommand(reverse bool) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		withScore := len(args) == 4
		if len(args) > 4 || withScore && !is(args[3], "WITHSCORE") {
			return errSyntax
		}
		set, err := s.readSortedSet(args[1])
		if err != nil {
			return err
		}
		found := set.nodes[string(args[2])]
		if found == nil {
			if withScore {
				s.replies.nullArray()
			} else {
				s.replies.null()
			}
			return nil
		}
		rank := set.rank(found)
		if reverse {
			rank = set.len() - 1 - rank
		}
		if withScore {
			s.replies.array(2)
		}
		s.replies.count(rank)
		if withScore {
			s.replies.double(found.score)
		}
		return nil
	}
}
