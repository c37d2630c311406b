package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"
)

// todo is what clients get. The members stand in this order.
type todo struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Done    bool   `json:"done"`
	Created string `json:"created"`
}

// kept is a to-do as it stands in the store and in the cache alike:
//
//	VERSION CHECKSUM JSON
//
// The JSON goes out to clients as it is. The version counts changes, so two
// states never share a tag, and the checksum says what of a cache is not to be
// believed: half an entry, a changed one.
type kept struct {
	todo
	version int
	json    []byte
}

func makeKept(t todo, version int) (kept, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a title is text; whoever shows it takes care of that
	if err := encoder.Encode(t); err != nil {
		return kept{}, err
	}
	return kept{t, version, bytes.TrimSuffix(text.Bytes(), []byte("\n"))}, nil
}

func (k kept) octets() []byte {
	return fmt.Appendf(nil, "%d %08x %s", k.version, k.sum(), k.json)
}

func (k kept) sum() uint32 {
	return crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %s", k.version, k.json))
}

func (k kept) tag() string { return fmt.Sprintf(`"%d.%08x"`, k.version, k.sum()) }

// readKept reads what octets wrote, and nothing else.
func readKept(octets []byte) (kept, bool) {
	number, rest, ok := bytes.Cut(octets, []byte(" "))
	sum, text, more := bytes.Cut(rest, []byte(" "))
	if !ok || !more {
		return kept{}, false
	}
	version, err := strconv.Atoi(string(number))
	if err != nil || version < 1 {
		return kept{}, false
	}
	found := kept{version: version, json: text}
	if fmt.Sprintf("%08x", found.sum()) != string(sum) || json.Unmarshal(text, &found.todo) != nil {
		return kept{}, false
	}
	return found, true
}

// believed is readKept for an entry that should be of that to-do.
func believed(octets []byte, id string) (kept, bool) {
	found, ok := readKept(octets)
	return found, ok && found.ID == id
}

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") }
