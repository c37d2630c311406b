package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostBody     = 64 << 10
	longestTitle = 200
	usualLimit   = 20
	mostLimit    = 100
)

// draft is what a client may say about a to-do.
type draft struct {
	title string
	done  bool
}

// readBody returns all of it. The limit holds whatever its length says.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, problem{status: 413, detail: "A body has at most 65536 octets."}
	}
	if err != nil {
		return nil, problem{status: 400, detail: "The body did not come whole."}
	}
	return body, nil
}

func readDraft(header http.Header, body []byte, needsDone bool) (draft, error) {
	if err := checkKind(header); err != nil {
		return draft{}, err
	}
	members, err := readObject(body)
	if err != nil {
		return draft{}, err
	}
	var made draft
	var wrong []member
	var ok bool
	if made.title, ok = readTitle(members["title"]); !ok {
		wrong = append(wrong, member{"title", "text of 1 to 200 characters, none of them a control character"})
	}
	done, there := members["done"]
	made.done = string(done) == "true"
	if needsDone && !there || there && !made.done && string(done) != "false" {
		wrong = append(wrong, member{"done", "true or false"})
	}
	if wrong != nil {
		return draft{}, problem{status: 422, detail: "Some members are not as they have to be.", errors: wrong}
	}
	return made, nil
}

func checkKind(header http.Header) error {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return problem{status: 415, detail: "The body has to be application/json."}
	}
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return problem{status: 415, detail: "The body has to come without a content coding."}
	}
	return nil
}

// readObject leaves each member as it was written.
func readObject(body []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, problem{status: 400, detail: "The body is no JSON text."}
	}
	if err := json.Unmarshal(body, &members); err != nil || members == nil { // null is no object
		return nil, problem{status: 400, detail: "The body has to be a JSON object."}
	}
	return members, nil
}

func readTitle(raw json.RawMessage) (string, bool) {
	var text string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil || halved(raw) {
		return "", false
	}
	count := utf8.RuneCountInString(text)
	return text, 0 < count && count <= longestTitle && !strings.ContainsFunc(text, unicode.IsControl)
}

// halved is whether a text has half of a pair of surrogates, which is no
// character. The library puts U+FFFD in its place and says nothing.
func halved(raw []byte) bool {
	for at := 0; at < len(raw); at++ {
		if raw[at] != '\\' {
			continue
		}
		at++
		if raw[at] != 'u' {
			continue
		}
		switch unit := hexOf(raw[at+1:]); {
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return true
		case unit >= 0xD800 && unit <= 0xDBFF:
			rest := raw[at+5:]
			if !bytes.HasPrefix(rest, []byte(`\u`)) {
				return true
			}
			if low := hexOf(rest[2:]); low < 0xDC00 || low > 0xDFFF {
				return true
			}
			at += 6
		}
		at += 4
	}
	return false
}

// hexOf is the number of four digits, which are there: it is JSON.
func hexOf(octets []byte) int {
	number, _ := strconv.ParseUint(string(octets[:4]), 16, 32)
	return int(number)
}

// query is what a list is asked for.
type query struct {
	text         string
	done         string // "", "true" or "false"
	limit, after int
}

func readQuery(raw string) (query, error) {
	said, err := url.ParseQuery(raw)
	if err != nil || !decodes(said) {
		return query{}, problem{status: 400, detail: "The query cannot be read."}
	}
	for _, name := range []string{"q", "done", "limit", "after"} {
		if len(said[name]) > 1 {
			return query{}, problem{status: 400, detail: name + " stands more than once in the query."}
		}
	}
	asked := query{text: said.Get("q"), done: said.Get("done")}
	if said.Has("done") && asked.done != "true" && asked.done != "false" {
		return query{}, problem{status: 400, detail: "done is true or false."}
	}
	if asked.limit, err = whole(said, "limit", usualLimit, 1, mostLimit); err != nil {
		return query{}, err
	}
	asked.after, err = whole(said, "after", 0, 0, 1e15)
	return asked, err
}

func decodes(said url.Values) bool {
	for name, values := range said {
		if !utf8.ValidString(name) || !utf8.ValidString(strings.Join(values, "")) {
			return false
		}
	}
	return true
}

var digits = regexp.MustCompile(`^[0-9]{1,16}$`)

// whole takes digits and nothing else: Atoi would also take +5.
func whole(said url.Values, name string, otherwise, low, high int) (int, error) {
	if !said.Has(name) {
		return otherwise, nil
	}
	number, _ := strconv.Atoi(said.Get(name))
	if !digits.MatchString(said.Get(name)) || number < low || number > high {
		detail := name + " is a whole number from " + strconv.Itoa(low) + " to " + strconv.Itoa(high) + "."
		return 0, problem{status: 400, detail: detail}
	}
	return number, nil
}

// target is where the next page is, with all that was asked for.
func (q query) target(after int) string {
	asked := url.Values{"after": {strconv.Itoa(after)}}
	if q.limit != usualLimit {
		asked.Set("limit", strconv.Itoa(q.limit))
	}
	if q.text != "" {
		asked.Set("q", q.text)
	}
	if q.done != "" {
		asked.Set("done", q.done)
	}
	return "/todos?" + asked.Encode()
}

// wants is whether a to-do is among those that are looked for.
func (q query) wants() func(kept) bool {
	text := folded(q.text)
	return func(k kept) bool {
		if q.done != "" && (q.done == "true") != k.Done {
			return false
		}
		return text == "" || strings.Contains(folded(k.Title), text)
	}
}

// folded maps letters that differ only in case to one: up and then down, since
// some letters have two small forms (σ, ς) and one large one.
func folded(text string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, text)
}

var (
	tagForm = regexp.MustCompile(`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"|\*`)
	keyForm = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
)

// tags in If-Match or If-None-Match; nil where it is not there.
func tags(header http.Header, name string) []string {
	values := header.Values(name)
	if values == nil {
		return nil
	}
	return append([]string{}, tagForm.FindAllString(strings.Join(values, ", "), -1)...)
}

// readKey is the idempotency key, or "" where there is none.
func readKey(header http.Header) (string, error) {
	values := header.Values("Idempotency-Key")
	if values == nil {
		return "", nil
	}
	key := strings.Join(values, ", ")
	if !keyForm.MatchString(key) {
		return "", problem{status: 400, detail: "Idempotency-Key is 1 to 255 visible characters."}
	}
	return key, nil
}
