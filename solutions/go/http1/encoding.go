package main

import "strings"

type coding int

const (
	identity coding = iota
	gzipped
	nothing // that the client would take
)

// chooseCoding picks the content coding of a file (RFC 9110 §12.5.3). gzip is
// chosen when it is worthwhile and the client likes it no less than identity,
// or when the client wants nothing else.
func chooseCoding(f fields, worthwhile bool) coding {
	list, present := f.joined("accept-encoding")
	if !present {
		return identity // anything goes, but many such clients know no gzip
	}
	weights := parseWeights(list)
	others, hasOthers := weights["*"]
	zip, named := weights["gzip"]
	if !named {
		zip, named = weights["x-gzip"] // the same (§8.4.1.3)
	}
	if !named {
		zip = others
	}
	plain, named := weights["identity"]
	if !named {
		plain = others
	}
	// identity stays acceptable until it is excluded, by name or by *;q=0.
	excluded := (named || hasOthers) && plain == 0
	switch {
	case zip > 0 && (excluded || worthwhile && zip >= plain):
		return gzipped
	case !excluded:
		return identity
	default:
		return nothing
	}
}

// parseWeights reads `coding [ ;q=weight ]` members, weights in thousandths.
// A member with a malformed weight is left out.
func parseWeights(list string) map[string]int {
	weights := map[string]int{}
	for member := range strings.SplitSeq(list, ",") {
		name, parameter, weighted := strings.Cut(member, ";")
		name = strings.ToLower(trimOWS(name))
		weight, ok := 1000, true
		if weighted {
			weight, ok = parseWeight(trimOWS(parameter))
		}
		if ok && isToken(name) {
			weights[name] = weight
		}
	}
	return weights
}

// parseWeight reads `q=` and a number from 0 to 1 with three decimals at most.
func parseWeight(text string) (thousandths int, ok bool) {
	if len(text) < 3 || !strings.EqualFold(text[:2], "q=") {
		return 0, false
	}
	whole, decimals, _ := strings.Cut(text[2:], ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	value, ok := parseDecimal(whole + (decimals + "000")[:3])
	return int(value), ok && value <= 1000
}
