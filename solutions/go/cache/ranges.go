package main

import "bytes"

// A window is a first and a last place, counted from the end where they are
// negative.
type window struct{ first, last int64 }

func readWindow(first, last []byte) (w window, err error) {
	if w.first, err = integerOf(first); err != nil {
		return w, err
	}
	w.last, err = integerOf(last)
	return w, err
}

// within returns the part [from, to) of so many that lies in the window.
func (w window) within(length int) (from, to int) {
	size := int64(length)
	if w.first < 0 {
		w.first = max(w.first+size, 0)
	}
	if w.last < 0 {
		w.last += size
	}
	w.last = min(w.last, size-1)
	if w.first > w.last {
		return 0, 0
	}
	return int(w.first), int(w.last + 1)
}

// An edge is one end of a part by score: "5", "(5" without 5 itself, "-inf".
type edge struct {
	score float64
	open  bool
}

func parseEdge(argument []byte) (edge, error) {
	rest, open := bytes.CutPrefix(argument, []byte("("))
	score, err := parseScore(rest)
	if err != nil {
		return edge{}, failure("ERR min or max is not a float")
	}
	return edge{score, open}, nil
}

// A scoreRange is everything between two edges.
type scoreRange struct{ low, high edge }

func readScores(low, high []byte) (r scoreRange, err error) {
	if r.low, err = parseEdge(low); err != nil {
		return r, err
	}
	r.high, err = parseEdge(high)
	return r, err
}

// ranks returns the part [from, to) whose scores lie in a range.
func (z *sortedSet) ranks(r scoreRange) (from, to int) {
	from = z.descend(func(n *node) bool {
		return n.score < r.low.score || r.low.open && n.score == r.low.score
	}).passed[0]
	to = z.descend(func(n *node) bool {
		return n.score < r.high.score || !r.high.open && n.score == r.high.score
	}).passed[0]
	return from, max(from, to)
}

func zCount(s *session, args [][]byte) error {
	wanted, err := readScores(args[2], args[3])
	if err != nil {
		return err
	}
	set, err := s.readSortedSet(args[1])
	if err != nil {
		return err
	}
	from, to := set.ranks(wanted)
	s.replies.count(to - from)
	return nil
}

// rangeOptions is what may follow the two ends of a range.
type rangeOptions struct {
	byScore, reverse, scores, limited bool
	offset, count                     int64
}

func readRangeOptions(args [][]byte) (o rangeOptions, err error) {
	for i := 0; i < len(args); i++ {
		switch option := args[i]; {
		case is(option, "BYSCORE"):
			o.byScore = true
		case is(option, "REV"):
			o.reverse = true
		case is(option, "WITHSCORES"):
			o.scores = true
		case is(option, "LIMIT") && i+2 < len(args):
			o.limited = true
			if o.offset, err = integerOf(args[i+1]); err != nil {
				return o, err
			}
			if o.count, err = integerOf(args[i+2]); err != nil {
				return o, err
			}
			i += 2
		default:
			return o, errSyntax
		}
	}
	return o, nil
}

func zRange(s *session, args [][]byte) error {
	options, err := readRangeOptions(args[4:])
	if err != nil {
		return err
	}
	if options.limited && !options.byScore {
		return failure("ERR syntax error, LIMIT is only supported in combination with either " +
			"BYSCORE or BYLEX")
	}
	return s.answerRange(args[1], args[2], args[3], options)
}

func zRangeByScore(s *session, args [][]byte) error {
	options, err := readRangeOptions(args[4:])
	if err != nil {
		return err
	}
	if options.byScore || options.reverse {
		return errSyntax
	}
	options.byScore = true
	return s.answerRange(args[1], args[2], args[3], options)
}

func zRevRange(s *session, args [][]byte) error {
	options, err := readRangeOptions(args[4:])
	if err != nil {
		return err
	}
	if options.byScore || options.reverse || options.limited {
		return errSyntax
	}
	options.reverse = true
	return s.answerRange(args[1], args[2], args[3], options)
}

func (s *session) answerRange(key, first, last []byte, o rangeOptions) error {
	part, err := readPart(first, last, o)
	if err != nil {
		return err
	}
	set, err := s.readSortedSet(key)
	if err != nil {
		return err
	}
	from, to := part(set)
	pairs := o.scores && s.replies.version >= 3
	length := to - from
	if o.scores && !pairs {
		length *= 2
	}
	s.replies.array(length)
	set.visit(from, to, o.reverse, func(n *node) {
		if pairs {
			s.replies.array(2)
		}
		s.replies.text(n.member)
		if o.scores {
			s.replies.double(n.score)
		}
	})
	return nil
}

// readPart reads the two ends of a range, and returns what finds the ranks
// [from, to) between them. In reverse they are counted from the end, and the
// higher score is named first.
func readPart(first, last []byte, o rangeOptions) (func(*sortedSet) (from, to int), error) {
	if !o.byScore {
		wanted, err := readWindow(first, last)
		return func(z *sortedSet) (int, int) { return wanted.within(z.len()) }, err
	}
	if o.reverse {
		first, last = last, first
	}
	wanted, err := readScores(first, last)
	return func(z *sortedSet) (int, int) {
		from, to := z.ranks(wanted)
		if o.reverse {
			from, to = z.len()-to, z.len()-from
		}
		return o.limit(from, to)
	}, err
}

// limit skips an offset of ranks, and takes as many as are wanted: all where
// the count is negative.
func (o *rangeOptions) limit(from, to int) (int, int) {
	if !o.limited {
		return from, to
	}
	if o.offset < 0 {
		return 0, 0
	}
	from += int(min(o.offset, int64(to-from)))
	if o.count >= 0 {
		to = from + int(min(o.count, int64(to-from)))
	}
	return from, to
}

func (z *sortedSet) visit(from, to int, reverse bool, see func(*node)) {
	if from >= to {
		return
	}
	if reverse {
		for n := z.at(z.len() - 1 - from); from < to; from++ {
			see(n)
			n = n.before
		}
		return
	}
	for n := z.at(from); from < to; from++ {
		see(n)
		n = n.next()
	}
}

func zRemRangeByScore(s *session, args [][]byte) error {
	wanted, err := readScores(args[2], args[3])
	if err != nil {
		return err
	}
	set, e, err := lookup[*sortedSet](&s.cache.keys, args[1])
	if err != nil {
		return err
	}
	if e == nil {
		s.replies.integer(0)
		return nil
	}
	from, to := set.ranks(wanted)
	var gone []string
	set.visit(from, to, false, func(n *node) { gone = append(gone, n.member) })
	for _, member := range gone {
		set.remove(member)
	}
	if len(gone) > 0 {
		s.cache.keys.changed(e)
	}
	s.replies.count(len(gone))
	return nil
}
