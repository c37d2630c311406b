package main

// matches reports whether text is what a pattern describes: * for any octets,
// ? for one, [ab], [a-z] and [^a] for one of a class, \ before what is meant
// as it is.
//
// Where a * has taken too few octets it takes one more; only the last * is
// tried again, which is enough, so that no pattern takes more than its length
// times that of the text.
func matches(pattern, text []byte) bool {
	p, t := 0, 0
	star, taken := -1, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, taken = p, t
			p++
			continue
		}
		if p < len(pattern) {
			if width, ok := matchOne(pattern[p:], text[t]); ok {
				p, t = p+width, t+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		taken++
		p, t = star+1, taken
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne compares one octet with the first element of a pattern, and returns
// how long that is.
func matchOne(pattern []byte, c byte) (width int, ok bool) {
	switch {
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '[':
		return matchClass(pattern, c)
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	}
	return 1, pattern[0] == c
}

// matchClass compares with "[a-c]". A class that is not closed ends with the
// pattern.
func matchClass(pattern []byte, c byte) (width int, ok bool) {
	i := 1
	negated := i < len(pattern) && pattern[i] == '^'
	if negated {
		i++
	}
	for i < len(pattern) && pattern[i] != ']' {
		low := pattern[i]
		switch {
		case low == '\\' && i+1 < len(pattern):
			i++
			ok = ok || pattern[i] == c
		case i+2 < len(pattern) && pattern[i+1] == '-':
			high := pattern[i+2]
			ok = ok || min(low, high) <= c && c <= max(low, high)
			i += 2
		default:
			ok = ok || low == c
		}
		i++
	}
	return min(i+1, len(pattern)), ok != negated
}
