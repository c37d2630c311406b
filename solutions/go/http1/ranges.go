package main

import "strings"

type byteRange struct{ first, length int64 }

type rangeKind int

const (
	rangeIgnored rangeKind = iota // send the whole
	rangeOne
	rangeUnsatisfiable
)

// parseRange reads a Range field for content of the given size (RFC 9110
// §14.1.1, §14.2). It ignores units that it does not know, malformed ranges,
// and several ranges at once: a server may, and the whole is always right.
func parseRange(text string, size int64) (byteRange, rangeKind) {
	unit, set, found := strings.Cut(text, "=")
	if !found || !strings.EqualFold(unit, "bytes") {
		return byteRange{}, rangeIgnored
	}
	firstText, lastText, found := strings.Cut(trimOWS(set), "-")
	if !found {
		return byteRange{}, rangeIgnored
	}
	first, hasFirst := parseDecimal(firstText)
	last, hasLast := parseDecimal(lastText)
	switch {
	case !hasFirst && firstText != "", !hasLast && lastText != "", !hasFirst && !hasLast:
		return byteRange{}, rangeIgnored
	case !hasFirst:
		return suffix(last, size)
	case hasLast && last < first:
		return byteRange{}, rangeIgnored
	case first >= size:
		return byteRange{}, rangeUnsatisfiable
	case !hasLast || last >= size:
		last = size - 1
	}
	return byteRange{first, last - first + 1}, rangeOne
}

// suffix is the last `length` bytes, or all when there are not so many.
func suffix(length, size int64) (byteRange, rangeKind) {
	switch {
	case length == 0:
		return byteRange{}, rangeUnsatisfiable
	case size == 0:
		return byteRange{}, rangeIgnored // satisfiable, but Content-Range cannot say it
	}
	length = min(length, size)
	return byteRange{size - length, length}, rangeOne
}
