package main

import (
	"math"
	"net"
	"strconv"
	"strings"
)

// sharedSize is from where a value is sent from where it lies, not copied.
// Values never change in place, so that is safe without the lock.
const sharedSize = 16 << 10

// A replies writer makes bytes of answers, in RESP2 or RESP3. It keeps what is
// not sent yet.
type replies struct {
	version int
	buf     []byte
	before  net.Buffers // what goes out ahead of buf
	size    int         // of before
}

func (r *replies) len() int { return r.size + len(r.buf) }

// take returns all that was written, and begins anew.
func (r *replies) take() net.Buffers {
	all := append(r.before, r.buf)
	r.before, r.buf, r.size = nil, nil, 0
	return all
}

// clear forgets what was written, and keeps the buffer.
func (r *replies) clear() {
	r.before, r.size = nil, 0
	r.buf = r.buf[:0]
	if cap(r.buf) > keptSize {
		r.buf = nil
	}
}

// append adds what another has written.
func (r *replies) append(other *replies) {
	if len(other.before) == 0 {
		r.buf = append(r.buf, other.buf...)
		return
	}
	r.before = append(r.before, r.buf)
	r.before = append(r.before, other.before...)
	r.size += len(r.buf) + other.size
	r.buf = append([]byte(nil), other.buf...)
}

func (r *replies) head(kind byte, number int) {
	r.buf = append(r.buf, kind)
	r.buf = strconv.AppendInt(r.buf, int64(number), 10)
	r.buf = append(r.buf, '\r', '\n')
}

func (r *replies) line(kind byte, text string) {
	r.buf = append(r.buf, kind)
	r.buf = append(r.buf, text...)
	r.buf = append(r.buf, '\r', '\n')
}

func (r *replies) simple(text string) { r.line('+', text) }
func (r *replies) ok()                { r.line('+', "OK") }

// err writes an error. What is quoted in it may hold anything, so that ends of
// lines are taken out.
func (r *replies) err(err error) {
	text := []byte(err.Error())
	for i, c := range text {
		if c == '\r' || c == '\n' {
			text[i] = ' '
		}
	}
	r.line('-', string(text))
}

func (r *replies) integer(value int64) {
	r.buf = append(r.buf, ':')
	r.buf = strconv.AppendInt(r.buf, value, 10)
	r.buf = append(r.buf, '\r', '\n')
}

func (r *replies) count(value int) { r.integer(int64(value)) }

// flag writes yes as 1 and no as 0, which RESP3 did not change.
func (r *replies) flag(yes bool) {
	if yes {
		r.integer(1)
	} else {
		r.integer(0)
	}
}

func (r *replies) bulk(value []byte) {
	r.head('$', len(value))
	if len(value) >= sharedSize {
		r.before = append(r.before, r.buf, value)
		r.size += len(r.buf) + len(value)
		r.buf = []byte("\r\n")
		return
	}
	r.buf = append(r.buf, value...)
	r.buf = append(r.buf, '\r', '\n')
}

func (r *replies) text(value string) {
	r.head('$', len(value))
	r.buf = append(r.buf, value...)
	r.buf = append(r.buf, '\r', '\n')
}

// verbatim writes a text for people.
func (r *replies) verbatim(value string) {
	if r.version < 3 {
		r.text(value)
		return
	}
	r.head('=', len("txt:")+len(value))
	r.buf = append(r.buf, "txt:"...)
	r.buf = append(r.buf, value...)
	r.buf = append(r.buf, '\r', '\n')
}

// null writes that there is no value.
func (r *replies) null() {
	if r.version < 3 {
		r.line('$', "-1")
	} else {
		r.line('_', "")
	}
}

// nullArray writes that there is no array, which only RESP2 tells apart.
func (r *replies) nullArray() {
	if r.version < 3 {
		r.line('*', "-1")
	} else {
		r.line('_', "")
	}
}

// maybe writes the value of an item, or that there is none.
func (r *replies) maybe(found *item[[]byte]) {
	if found == nil {
		r.null()
	} else {
		r.bulk(found.value)
	}
}

func (r *replies) array(length int) { r.head('*', length) }

// mapping begins pairs, in RESP2 an array of twice as many.
func (r *replies) mapping(pairs int) {
	if r.version < 3 {
		r.array(2 * pairs)
	} else {
		r.head('%', pairs)
	}
}

func (r *replies) set(length int) {
	if r.version < 3 {
		r.array(length)
	} else {
		r.head('~', length)
	}
}

// push begins what was not asked for.
func (r *replies) push(length int) {
	if r.version < 3 {
		r.array(length)
	} else {
		r.head('>', length)
	}
}

func (r *replies) double(value float64) {
	if r.version < 3 {
		r.text(formatScore(value))
	} else {
		r.line(',', formatScore(value))
	}
}

// formatScore writes the shortest decimal that reads as the same number, and
// whole ones without an exponent where they have up to 17 digits.
func formatScore(value float64) string {
	switch {
	case math.IsInf(value, 1):
		return "inf"
	case math.IsInf(value, -1):
		return "-inf"
	case value == 0:
		return "0"
	case math.Abs(value) >= 1e-6 && math.Abs(value) < 1e21:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		// Go writes an exponent with two digits, as in 3e-07.
		text := strconv.FormatFloat(value, 'e', -1, 64)
		return strings.Replace(text, "e-0", "e-", 1)
	}
}
