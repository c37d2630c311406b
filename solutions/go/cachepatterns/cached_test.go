package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnEntryIsReadAsItWasStored(t *testing.T) {
	for _, each := range []entry{
		answer{200, []byte("hello")}.kept(time.Second),
		answer{200, []byte{}}.kept(time.Second),
		answer{status: 404}.kept(time.Hour),
		newLease(),
	} {
		found, ok := readEntry(each.octets("aside:k1"), "aside:k1")
		each.stored = time.UnixMilli(each.stored.UnixMilli())
		each.value = append([]byte{}, each.value...)
		if !ok || !reflect.DeepEqual(found, each) {
			t.Errorf("%+v became %+v, %v", each, found, ok)
		}
	}
}

func TestNothingElseIsBelieved(t *testing.T) {
	octets := answer{200, []byte("hello")}.kept(time.Second).octets("aside:k1")
	doubtful := [][]byte{nil, append(slices.Clone(octets), 0)}
	for end := range octets {
		doubtful = append(doubtful, octets[:end])
	}
	for bit := range len(octets) * 8 {
		changed := slices.Clone(octets)
		changed[bit/8] ^= 1 << (bit % 8)
		doubtful = append(doubtful, changed)
	}
	for _, each := range doubtful {
		if _, ok := readEntry(each, "aside:k1"); ok {
			t.Errorf("%q was believed", each)
		}
	}
	for _, name := range []string{"aside:k2", "aside:k", "aside:k10", "early:k1", ""} {
		if _, ok := readEntry(octets, name); ok {
			t.Errorf("it was believed under %q", name)
		}
	}
}

func TestAValueOfRESP(t *testing.T) {
	for text, want := range map[string]value{
		"+OK\r\n":                   {kind: '+', text: []byte("OK")},
		"$0\r\n\r\n":                {kind: '$', text: []byte{}},
		"$2\r\n\r\n\r\n":            {kind: '$', text: []byte("\r\n")},
		"$-1\r\n":                   {kind: '$', null: true},
		"*-1\r\n":                   {kind: '*', null: true},
		"*2\r\n:1\r\n-OOM full\r\n": {kind: '*', items: []value{{kind: ':', text: []byte("1")}, {kind: '-', text: []byte("OOM full")}}},
		"$2097152\r\n" + strings.Repeat("x", 2<<20) + "\r\n": {kind: '$'},
	} {
		found, err := readValue(bufio.NewReader(strings.NewReader(text)), 0)
		if err != nil || !reflect.DeepEqual(found, want) {
			t.Errorf("%.20q is %+v, %v", text, found, err)
		}
	}
}

func TestWhatIsNotRESPIsNotReadOn(t *testing.T) {
	for _, text := range []string{
		"hello\r\n", "\r\n", "$+1\r\nx\r\n", "$-2\r\n", "$1\r\nxyz", "+OK\n", "$99999999999\r\n",
		strings.Repeat("*1\r\n", 9), "+" + strings.Repeat("x", 8000),
	} {
		if found, err := readValue(bufio.NewReader(strings.NewReader(text)), 0); !errors.Is(err, errNotRESP) {
			t.Errorf("%.20q is %+v, %v", text, found, err)
		}
	}
}

func TestAnAnswerHasToFitItsCommand(t *testing.T) {
	for _, each := range []struct {
		word string
		kind byte
		text string
		want bool
	}{
		{"GET", '$', "x", true},
		{"GET", '-', "WRONGTYPE of another kind", true},
		{"GET", '-', "LOADING later", false},
		{"GET", '+', "OK", false},
		{"GET", ':', "1", false},
		{"SET", '+', "QUEUED", true},
		{"SET", '-', "OOM full", true},
		{"DEL", ':', "1", true},
		{"DEL", '+', "OK", false},
		{"WATCH", '$', "OK", false},
	} {
		if fits(value{kind: each.kind, text: []byte(each.text)}, each.word) != each.want {
			t.Errorf("%+v", each)
		}
	}
}

// given is a cache that answers what say says, and an origin that has "true" for
// every key and hands on what is written.
func given(t *testing.T, say func(words []string) string, written ...chan<- string) settings {
	t.Helper()
	truth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			io.WriteString(w, "true")
			return
		}
		value, _ := io.ReadAll(r.Body)
		written[0] <- string(value)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(truth.Close)
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
			go answerAll(c, say)
		}
	}()
	return settings{
		origin: truth.Listener.Addr().String(), cache: listener.Addr().String(),
		ttl: time.Minute, negative: time.Second, refresh: time.Minute, cacheTime: 10 * time.Second,
	}
}

func answerAll(c net.Conn, say func(words []string) string) {
	defer c.Close()
	for r := bufio.NewReader(c); ; {
		command, err := readValue(r, 0)
		if err != nil {
			return
		}
		var said []string
		for _, each := range command.items {
			said = append(said, string(each.text))
		}
		io.WriteString(c, say(said))
	}
}

func bulk(octets []byte) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(octets), octets) }

func TestALeaseOfAnotherIsAMissAndIsStoredOver(t *testing.T) {
	var stored []byte
	another := newLease().octets("aside:k1")
	a := newApp(given(t, func(words []string) string {
		switch words[0] {
		case "GET":
			return bulk(another)
		case "SET":
			stored = []byte(words[2])
			return "+QUEUED\r\n"
		case "EXEC":
			return "*1\r\n+OK\r\n"
		}
		return "+OK\r\n"
	}))
	got := a.paths["aside"]["GET"]("k1", nil)
	if got.status != 200 || string(got.value) != "true" {
		t.Errorf("it was answered with %d %q", got.status, got.value)
	}
	if kept, ok := readEntry(stored, "aside:k1"); !ok || string(kept.value) != "true" {
		t.Errorf("%q was stored", stored)
	}
}

func TestWhatIsOwedIsNotSentBehindALaterWrite(t *testing.T) {
	var away atomic.Bool
	written := make(chan string, 10)
	s := given(t, func(words []string) string {
		switch {
		case away.Load():
			return "-LOADING later\r\n"
		case words[0] == "GET":
			return "$-1\r\n"
		case words[0] == "EXEC":
			return "*2\r\n+OK\r\n:1\r\n"
		}
		return "+QUEUED\r\n"
	}, written)
	s.behind = time.Hour
	a := newApp(s)
	put := a.paths["write-behind"]["PUT"]
	if got := put("k1", []byte("older")); got.status != 202 {
		t.Fatalf("it was answered with %d", got.status)
	}
	away.Store(true)
	if got := put("k1", []byte("newer")); got.status != 204 {
		t.Fatalf("it was answered with %d", got.status)
	}
	away.Store(false)
	a.behind.hurry()
	a.behind.finish()
	close(written)
	if first := <-written; first != "newer" {
		t.Errorf("%q came first", first)
	}
	for more := range written {
		t.Errorf("%q came behind it", more)
	}
}

func TestACacheThatTalksNonsenseIsLeftAlone(t *testing.T) {
	for _, nonsense := range []string{":1\r\n", "+OK\r\n", "hello\r\n", "-LOADING later\r\n", "*1\r\n$-1\r\n"} {
		var asked atomic.Int32
		s := given(t, func([]string) string { asked.Add(1); return nonsense })
		s.breakTime = time.Hour
		a := newApp(s)
		for range 10 {
			if got := a.paths["aside"]["GET"]("k1", nil); string(got.value) != "true" {
				t.Errorf("%q: %+v", nonsense, got)
			}
		}
		if asked.Load() != mostFailures {
			t.Errorf("%q: it was asked %d times", nonsense, asked.Load())
		}
	}
}

func TestAfterThreeFailuresInARowOneAsksForAllOthers(t *testing.T) {
	l, now := &link{pause: time.Second}, time.Now()
	after := func(d time.Duration) time.Time { return now.Add(d) }
	l.heard(errAway, now)
	l.heard(errAway, now)
	l.heard(nil, now)
	for range 3 {
		if !l.open(now) {
			t.Fatal("it was left alone too early")
		}
		l.heard(errAway, now)
	}
	if l.open(after(999 * time.Millisecond)) {
		t.Error("it was not left alone")
	}
	if !l.open(after(time.Second)) || l.open(after(time.Second)) {
		t.Error("not one went ahead")
	}
	l.heard(nil, after(time.Second))
	if !l.open(after(time.Second)) {
		t.Error("it is back, and was not asked")
	}
}

func TestChanceFollowsTheCurve(t *testing.T) {
	for _, scale := range []time.Duration{time.Minute, time.Hour, 10 * time.Hour} {
		due, drawn := byChance(scale), 0
		for range 20000 {
			if due(answer{status: 200}.kept(time.Hour)) {
				drawn++
			}
		}
		want := math.Exp(-float64(time.Hour) / float64(scale))
		if share := float64(drawn) / 20000; math.Abs(share-want) > 0.02 {
			t.Errorf("with %v it was %v, not %v", scale, share, want)
		}
	}
}

func TestWhoComesDuringAFlightHasItsAnswer(t *testing.T) {
	var asked, waiting sync.WaitGroup
	release, count := make(chan struct{}), 0
	get := alone(func(key string) answer {
		count++
		asked.Done()
		<-release
		return answer{status: 200, value: []byte(key)}
	})
	asked.Add(1)
	for range 50 {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			if got := get("k1"); string(got.value) != "k1" {
				t.Errorf("%+v", got)
			}
		}()
	}
	asked.Wait()
	time.Sleep(50 * time.Millisecond) // for all to come; who is late flies again, below
	asked.Add(50)
	close(release)
	waiting.Wait()
	if count > 2 {
		t.Errorf("it was asked %d times", count)
	}
}

func TestAThingIsThereWhileSomebodyUsesIt(t *testing.T) {
	var all keyed[int]
	*all.take("k1") = 7
	if *all.take("k1") != 7 {
		t.Error("two had different things")
	}
	all.leave("k1")
	all.leave("k1")
	if len(all.keys()) != 0 {
		t.Errorf("%v is still there", all.keys())
	}
}
