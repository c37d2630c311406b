package main

import (
	"slices"
	"strings"
	"time"
)

// A state is what is known of the target when its conditions are evaluated.
type state struct {
	exists   bool
	tags     []string // of all representations; all are strong
	selected string   // the tag of the one to be sent; "" for a change
	modified time.Time
}

// conditional reports whether entity tags matter to the request.
func conditional(req *request) bool {
	_, match := req.fields.joined("if-match")
	_, none := req.fields.joined("if-none-match")
	return match || none
}

// evaluate returns 0 when the request is to be carried out, or else 304, 412
// or 400. The order is that of RFC 9110 §13.2.2; If-Range, the last step, is
// for whoever sends the range.
func evaluate(req *request, now state) int {
	reading := req.method == "GET" || req.method == "HEAD"
	if list, present := req.fields.joined("if-match"); present {
		if holds, wellFormed := ifMatch(list, now); !holds || !wellFormed {
			return 412
		}
	} else if since, ok := dateField(req, "if-unmodified-since"); ok && now.exists {
		if now.modified.Truncate(time.Second).After(since) {
			return 412
		}
	}
	if list, present := req.fields.joined("if-none-match"); present {
		holds, wellFormed := ifNoneMatch(list, now)
		switch {
		case !wellFormed && !reading:
			return 400 // a guard that cannot be read must not be passed by
		case holds:
		case reading:
			return 304
		default:
			return 412
		}
	} else if since, ok := dateField(req, "if-modified-since"); ok && reading && now.exists {
		if !now.modified.Truncate(time.Second).After(since) {
			return 304
		}
	}
	return 0
}

// ifMatch uses the strong comparison: a weak tag equals nothing (§13.1.1).
func ifMatch(list string, now state) (holds, wellFormed bool) {
	if list == "*" {
		return now.exists, true
	}
	tags, ok := parseTags(list)
	for _, tag := range tags {
		holds = holds || slices.Contains(now.tags, tag)
	}
	return holds, ok
}

// ifNoneMatch uses the weak comparison: W/ makes no difference (§13.1.2). A
// read is compared with what would be sent, a change with all there is.
func ifNoneMatch(list string, now state) (holds, wellFormed bool) {
	if list == "*" {
		return !now.exists, true
	}
	against := now.tags
	if now.selected != "" {
		against = []string{now.selected}
	}
	tags, ok := parseTags(list)
	for _, tag := range tags {
		if slices.Contains(against, strings.TrimPrefix(tag, "W/")) {
			return false, ok
		}
	}
	return true, ok
}

// ifRange reports whether the Range field counts. The comparison is strong. A
// date is never strong here: a file may change twice within a second, and
// nobody would know (§13.1.5, §8.8.2.2).
func ifRange(req *request, tag string) bool {
	validator, present := req.fields.joined("if-range")
	return !present || validator == tag
}

// parseTags reads a list of entity tags, `[ "W/" ] DQUOTE *etagc DQUOTE`. A
// comma may be part of a tag, so the list cannot be split at commas. Of a
// malformed list it returns the tags before the flaw.
func parseTags(list string) (tags []string, wellFormed bool) {
	for {
		list = strings.TrimLeft(list, " \t,") // empty members are no error (§5.6.1)
		if list == "" {
			return tags, len(tags) > 0
		}
		start := 0
		if strings.HasPrefix(list, "W/") {
			start = 2
		}
		if !strings.HasPrefix(list[start:], `"`) {
			return tags, false
		}
		length := strings.IndexByte(list[start+1:], '"')
		end := start + 1 + length + 1
		if length < 0 || strings.ContainsAny(list[:end], " \t") {
			return tags, false
		}
		tags = append(tags, list[:end])
		list = strings.TrimLeft(list[end:], " \t")
		if list != "" && list[0] != ',' {
			return tags, false
		}
	}
}

// dateField reads a field that is one date; one that is no date is ignored.
func dateField(req *request, name string) (time.Time, bool) {
	values := req.fields.all(name)
	if len(values) != 1 {
		return time.Time{}, false
	}
	return parseTime(values[0])
}
