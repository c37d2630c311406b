package main

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// A group is the upstreams among which a policy chooses.
type group struct {
	policy  string
	members []*upstream

	mu      sync.Mutex // guards turn and credit
	turn    int
	credits []int
}

func newGroup(upstreams []*upstream, places []int, policy string) *group {
	g := &group{policy: policy, credits: make([]int, len(places))}
	for _, place := range places {
		g.members = append(g.members, upstreams[place])
	}
	return g
}

// choose returns the upstream for a target, or nil when none is in. One that
// has been tried comes only when there is no other.
func (g *group) choose(target string, tried []*upstream) *upstream {
	var in, fresh []int
	for i, u := range g.members {
		if u.in() {
			in = append(in, i)
			if !slices.Contains(tried, u) {
				fresh = append(fresh, i)
			}
		}
	}
	if len(fresh) > 0 {
		in = fresh
	}
	switch len(in) {
	case 0:
		return nil
	case 1:
		return g.members[in[0]]
	}
	switch g.policy {
	case "weighted":
		return g.members[g.byWeight(in)]
	case "least_connections":
		return g.fewest(in)
	case "two_choices":
		a, b := rand.IntN(len(in)), rand.IntN(len(in)-1)
		if b >= a {
			b++
		}
		return g.fewest([]int{in[a], in[b]})
	case "hash":
		return g.byHash(in, target)
	default:
		return g.members[g.inTurn(in)]
	}
}

// inTurn is the first candidate at or after the turn, so that one that is out
// does not give its share to its neighbour alone for long.
func (g *group) inTurn(in []int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.IndexFunc(in, func(i int) bool { return i >= g.turn })
	if at < 0 {
		at = 0
	}
	g.turn = in[at] + 1
	return in[at]
}

// byWeight is smooth: everyone earns their weight each time, and who has most
// pays for the whole round. 5, 1, 1 comes as a a b a c a a.
func (g *group) byWeight(in []int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	total, best := 0, in[0]
	for _, i := range in {
		weight := g.members[i].weight
		g.credits[i] += weight
		total += weight
		if g.credits[i] > g.credits[best] {
			best = i
		}
	}
	g.credits[best] -= total
	return best
}

// fewest has the fewest requests under way; among equals it is drawn, or the
// first would take all of a quiet time.
func (g *group) fewest(in []int) *upstream {
	best, least, equals := in[0], int64(-1), 0
	for _, i := range in {
		switch n := g.members[i].underWay.Load(); {
		case least < 0 || n < least:
			best, least, equals = i, n, 1
		case n == least:
			if equals++; rand.IntN(equals) == 0 {
				best = i
			}
		}
	}
	return g.members[best]
}

// byHash is rendezvous hashing: each upstream draws a number for the path, and
// the highest wins. When one is out, only its paths find another.
func (g *group) byHash(in []int, target string) *upstream {
	path, _, _ := strings.Cut(target, "?")
	var best *upstream
	var highest uint64
	for _, i := range in {
		h := fnv.New64a()
		h.Write([]byte(g.members[i].address + " " + path))
		if drawn := mix(h.Sum64()); best == nil || drawn > highest {
			best, highest = g.members[i], drawn
		}
	}
	return best
}

// mix spreads what FNV leaves close together for names that differ little.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
