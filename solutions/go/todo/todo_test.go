package main

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatIsKeptIsReadAgainAndNothingElseIs(t *testing.T) {
	made, err := makeKept(todo{"k1", `<b> "Käse" & 🥛`, true, now()}, 3)
	if err != nil {
		t.Fatal(err)
	}
	octets := made.octets()
	if found, ok := believed(octets, "k1"); !ok || found.todo != made.todo || found.tag() != made.tag() {
		t.Errorf("found %+v", found)
	}
	if _, ok := believed(octets, "k2"); ok {
		t.Error("another to-do was believed")
	}
	for end := range octets {
		if _, ok := readKept(octets[:end]); ok {
			t.Errorf("%q was believed", octets[:end])
		}
	}
	for at := range octets {
		changed := append([]byte(nil), octets...)
		changed[at] ^= 1
		if _, ok := readKept(changed); ok {
			t.Errorf("%q was believed", changed)
		}
	}
}

func TestTwoStatesNeverShareATag(t *testing.T) {
	one, _ := makeKept(todo{ID: "k1", Title: "milk"}, 1)
	other, _ := makeKept(todo{ID: "k1", Title: "milk"}, 2)
	if one.tag() == other.tag() {
		t.Error(one.tag())
	}
}

func TestABodyIsADraftOrSaysAllThatIsWrong(t *testing.T) {
	kind := http.Header{"Content-Type": {"Application/JSON; charset=utf-8"}}
	for _, each := range []struct {
		body   string
		status int
		wrong  string
	}{
		{`{"title": " milk ", "more": [1]}`, 0, ""},
		{`{"title": "` + strings.Repeat("🥛", 200) + `"}`, 0, ""},
		{`{"title": "\ud83e\udd5b \\ud83e"}`, 0, ""},
		{`{"title": "a\ud83e"}`, 422, "title"},
		{`{"title": "\udd5b\ud83e"}`, 422, "title"},
		{`{"title": "` + strings.Repeat("x", 201) + `"}`, 422, "title"},
		{`{"title": "a\u0085"}`, 422, "title"},
		{`{"title": 7, "done": null}`, 422, "title done"},
		{`{"title": "milk", "done": 1}`, 422, "done"},
		{`null`, 400, ""},
		{`["milk"]`, 400, ""},
		{`{"title": "milk"} x`, 400, ""},
		{`{"title": NaN}`, 400, ""},
		{"{\"title\": \"\xff\"}", 400, ""},
		{strings.Repeat("[", 30000) + strings.Repeat("]", 30000), 400, ""},
	} {
		_, err := readDraft(kind, []byte(each.body), false)
		var told problem
		var wrong []string
		if errors.As(err, &told) {
			for _, member := range told.errors {
				wrong = append(wrong, member.Field)
			}
		}
		if told.status != each.status || strings.Join(wrong, " ") != each.wrong {
			t.Errorf("%.60q: %d %v", each.body, told.status, wrong)
		}
	}
}

func TestAQueryMakesSenseOrIsRefused(t *testing.T) {
	asked, err := readQuery("q=a+b%26&done=false&limit=7&after=41&x=1&x=2")
	if err != nil || asked != (query{"a b&", "false", 7, 41}) {
		t.Errorf("%+v, %v", asked, err)
	}
	if again, err := readQuery(strings.TrimPrefix(asked.target(41), "/todos?")); err != nil || again != asked {
		t.Errorf("the next page is asked for with %s", asked.target(41))
	}
	for _, raw := range []string{"limit=0", "limit=101", "limit=%2B5", "limit=1_0", "done=1", "done=", "q=a&q=b", "q=%ff", "q=%zz"} {
		if _, err := readQuery(raw); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}

func TestCaseDoesNotMatterInAnyAlphabet(t *testing.T) {
	for _, pair := range [][2]string{{"KÄSE", "käse"}, {"ΟΔΟΣ", "οδος"}, {"οδός", "ΟΔΌΣ"}, {"ЖУК", "жук"}} {
		if folded(pair[0]) != folded(pair[1]) {
			t.Errorf("%s and %s", pair[0], pair[1])
		}
	}
}

func TestAnswersAreReadOrRefused(t *testing.T) {
	read := func(octets string) (value, error) {
		return readValue(bufio.NewReader(strings.NewReader(octets)), 0)
	}
	found, err := read("*3\r\n$4\r\na\r\nb\r\n$-1\r\n:7\r\n")
	if err != nil || len(found.items) != 3 || string(found.items[0].text) != "a\r\nb" || !found.items[1].null {
		t.Errorf("%+v, %v", found, err)
	}
	for _, octets := range []string{"x\r\n", "$3\r\nabcd\r\n", "$-2\r\n", "*1\n", strings.Repeat("*1\r\n", 20), "$99999999999\r\n"} {
		if _, err := read(octets); !errors.Is(err, errNotRESP) {
			t.Errorf("%.20q: %v", octets, err)
		}
	}
}

// server answers each command with the same octets, or with silence; it ends a
// connection behind its first answer when once is set.
func server(t *testing.T, answer string, once bool) string {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				reader := bufio.NewReader(c)
				for {
					if _, err := readValue(reader, 0); err != nil {
						return
					}
					if _, err := c.Write([]byte(answer)); err != nil || once {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func TestAConnectionThatEndedWhileItWasIdleCostsNobodyAnAnswer(t *testing.T) {
	l := newLink(server(t, "+OK\r\n", true))
	for range 3 {
		if _, err := l.ask(time.Now().Add(10*time.Second), words("PING")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAConnectionOnWhichAnAnswerIsOwedIsNotUsedAgain(t *testing.T) {
	l := newLink(server(t, "", false))
	if _, err := l.ask(time.Now().Add(50*time.Millisecond), words("PING")); err == nil {
		t.Error("silence was taken for an answer")
	}
	if l.kept() != nil {
		t.Error("it was kept")
	}
}

func TestWaitingForTheTurnEndsInTime(t *testing.T) {
	s := &store{link: newLink(server(t, "", false)), patience: 50 * time.Millisecond, turn: make(turn, 1)}
	s.turn <- struct{}{}
	if _, err := s.add(kept{}, "", ""); !errors.Is(err, errAway) {
		t.Error(err)
	}
}
