package main

// takeCommand takes members from one end, and answers them with their scores:
// in pairs where a count was given and RESP3 is spoken.
func takeCommand(highest bool) func(*session, [][]byte) error {
	return func(s *session, args [][]byte) error {
		count := int64(1)
		if len(args) > 3 {
			return errSyntax
		}
		if len(args) == 3 {
			var err error
			if count, err = countOf(args[2]); err != nil {
				return err
			}
		}
		set, e, err := lookup[*sortedSet](&s.cache.keys, args[1])
		if err != nil {
			return err
		}
		if e == nil {
			s.replies.array(0)
			return nil
		}
		var gone []*node
		set.visit(0, int(min(count, int64(set.len()))), highest, func(n *node) { gone = append(gone, n) })
		for _, n := range gone {
			set.remove(n.member)
		}
		if len(gone) > 0 {
			s.cache.keys.changed(e)
		}
		s.answerPopped(gone, len(args) == 3 && s.replies.version >= 3)
		return nil
	}
}

func (s *session) answerPopped(gone []*node, pairs bool) {
	if pairs {
		s.replies.array(len(gone))
	} else {
		s.replies.array(2 * len(gone))
	}
	for _, n := range gone {
		if pairs {
			s.replies.array(2)
		}
		s.replies.text(n.member)
		s.replies.double(n.score)
	}
}
