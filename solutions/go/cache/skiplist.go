package main

import (
	"math/bits"
	"math/rand/v2"
)

const (
	maxLevel   = 16  // for four thousand million
	levelShift = 2   // one node in four is a level higher
	setCost    = 500 // an empty one
	nodeCost   = 130 // a node with its links, its place in the map, and a header
)

// A sortedSet is members by name, and in the order of their scores, those of
// one score in the order of their octets. The order is a skip list:
//
//	level 1   ───────────▶ b ─────────────────────▶ e
//	level 0   ──▶ a ─────▶ b ─────▶ c ─────▶ d ───▶ e
//
// A link knows how many steps of level 0 it spans, so that adding them up on
// the way to a node gives its rank.
type sortedSet struct {
	nodes  map[string]*node
	head   *node
	level  int // levels in use
	octets int64
}

type node struct {
	member string
	score  float64
	links  []link
	before *node // nil for the first one
}

type link struct {
	to   *node
	span int
}

func newSortedSet() *sortedSet {
	return &sortedSet{
		nodes: map[string]*node{},
		head:  &node{links: make([]link, maxLevel)},
		level: 1,
	}
}

func (z *sortedSet) kind() string { return "zset" }
func (z *sortedSet) empty() bool  { return len(z.nodes) == 0 }
func (z *sortedSet) len() int     { return len(z.nodes) }
func (z *sortedSet) size() int64  { return setCost + z.octets + int64(len(z.nodes))*nodeCost }

func (n *node) next() *node { return n.links[0].to }

// less is the order: by score, then by octets.
func (n *node) less(score float64, member string) bool {
	return n.score < score || n.score == score && n.member < member
}

// A path is where a search went down on each level, and how many nodes it had
// passed by then.
type path struct {
	nodes  [maxLevel]*node
	passed [maxLevel]int
}

// descend goes as far as a condition holds. It has to hold for a first part of
// the list, and for nothing behind.
func (z *sortedSet) descend(holds func(*node) bool) (p path) {
	at, passed := z.head, 0
	for level := z.level - 1; level >= 0; level-- {
		for link := at.links[level]; link.to != nil && holds(link.to); link = at.links[level] {
			passed += link.span
			at = link.to
		}
		p.nodes[level], p.passed[level] = at, passed
	}
	return p
}

// set reports whether the member is new.
func (z *sortedSet) set(member string, score float64) bool {
	old := z.nodes[member]
	if old != nil {
		if old.score == score {
			return false
		}
		z.remove(member)
	}
	z.insert(member, score)
	return old == nil
}

func (z *sortedSet) insert(member string, score float64) {
	p := z.descend(func(n *node) bool { return n.less(score, member) })
	levels := randomLevels()
	for ; z.level < levels; z.level++ {
		p.nodes[z.level] = z.head
		z.head.links[z.level].span = z.len()
	}
	added := &node{member: member, score: score, links: make([]link, levels)}
	for level := range z.level {
		before := &p.nodes[level].links[level]
		if level >= levels {
			before.span++
			continue
		}
		steps := p.passed[0] - p.passed[level]
		added.links[level] = link{before.to, before.span - steps}
		*before = link{added, steps + 1}
	}
	if p.nodes[0] != z.head {
		added.before = p.nodes[0]
	}
	if after := added.next(); after != nil {
		after.before = added
	}
	z.nodes[member] = added
	z.octets += int64(len(member))
}

func randomLevels() int {
	zeros := bits.TrailingZeros64(rand.Uint64())
	return min(1+zeros/levelShift, maxLevel)
}

func (z *sortedSet) remove(member string) bool {
	gone := z.nodes[member]
	if gone == nil {
		return false
	}
	p := z.descend(func(n *node) bool { return n.less(gone.score, member) })
	for level := range z.level {
		before := &p.nodes[level].links[level]
		before.span--
		if before.to == gone {
			*before = link{gone.links[level].to, before.span + gone.links[level].span}
		}
	}
	if after := gone.next(); after != nil {
		after.before = gone.before
	}
	for z.level > 1 && z.head.links[z.level-1].to == nil {
		z.level--
	}
	delete(z.nodes, member)
	z.octets -= int64(len(member))
	return true
}

// rank is how many come before a member that is there.
func (z *sortedSet) rank(n *node) int {
	return z.descend(func(o *node) bool { return o.less(n.score, n.member) }).passed[0]
}

// at returns the one before which so many come.
func (z *sortedSet) at(rank int) *node {
	at, left := z.head, rank+1
	for level := z.level - 1; level >= 0; level-- {
		for link := at.links[level]; link.to != nil && link.span <= left; link = at.links[level] {
			left -= link.span
			at = link.to
		}
	}
	return at
}
