package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestASortedSetAgreesWithASortedSlice(t *testing.T) {
	type pair struct {
		member string
		score  float64
	}
	random := rand.New(rand.NewPCG(1, 2))
	set, plain := newSortedSet(), map[string]float64{}
	for range 5000 {
		member, score := fmt.Sprint("m", random.IntN(300)), float64(random.IntN(50))
		if random.IntN(3) == 0 {
			_, present := plain[member]
			if delete(plain, member); set.remove(member) != present {
				t.Fatalf("%s was there: %v", member, present)
			}
			continue
		}
		set.set(member, score)
		plain[member] = score
	}
	var want []pair
	for member, score := range plain {
		want = append(want, pair{member, score})
	}
	slices.SortFunc(want, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
	})
	var before *node
	for rank, p := range want {
		n := set.at(rank)
		if n.member != p.member || n.score != p.score || set.rank(n) != rank || n.before != before {
			t.Fatalf("rank %d: got %s of %v, want %s of %v", rank, n.member, n.score, p.member, p.score)
		}
		before = n
	}
	if before.next() != nil || set.len() != len(want) {
		t.Errorf("%d members, want %d", set.len(), len(want))
	}
}

func TestAWalkMissesNothingThatStays(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var tab table[int]
	for i := range 200 {
		tab.add(fmt.Sprint("stays", i), i)
		tab.add(fmt.Sprint("goes", i), i)
	}
	seen, cursor := map[string]bool{}, uint64(0)
	for begun := false; cursor != 0 || !begun; begun = true {
		cursor = tab.walk(cursor, 7, func(found *item[int]) { seen[found.key] = true })
		for range 5 {
			tab.remove(fmt.Sprint("goes", random.IntN(200)))
		}
		tab.add(fmt.Sprint("new", cursor), 0)
	}
	for i := range 200 {
		if name := fmt.Sprint("stays", i); !seen[name] {
			t.Errorf("%s was not visited", name)
		}
	}
}

func TestADequeAgreesWithASlice(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	list, plain := newDeque(), []string(nil)
	for i := range 5000 {
		switch value := fmt.Sprint(i); {
		case random.IntN(9) < 3:
			list.pushBack([]byte(value))
			plain = append(plain, value)
		case random.IntN(9) < 4:
			list.pushFront([]byte(value))
			plain = slices.Insert(plain, 0, value)
		case len(plain) == 0:
		case random.IntN(2) == 0:
			list.popFront()
			plain = plain[1:]
		default:
			list.popBack()
			plain = plain[:len(plain)-1]
		}
		if list.length != len(plain) {
			t.Fatalf("%d values, want %d", list.length, len(plain))
		}
	}
	octets := 0
	for i, want := range plain {
		if octets += len(want); string(list.at(i)) != want {
			t.Errorf("place %d: got %s, want %s", i, list.at(i), want)
		}
	}
	if list.octets != int64(octets) {
		t.Errorf("%d octets are counted, want %d", list.octets, octets)
	}
}

// openCache is a cache on a folder, and a way to run commands on it.
func openCache(t *testing.T, folder string) (*cache, func(line string) string) {
	c := newCache(&settings{folder: folder, appendOnly: true, flushing: flushNever})
	if err := c.restore(); err != nil {
		t.Fatal(err)
	}
	s := c.join(nil)
	return c, func(line string) string {
		words, err := splitLine([]byte(line), nil)
		if err != nil {
			t.Fatal(err)
		}
		s.replies.clear()
		c.execute(s, words)
		c.log.commit(s.position)
		return strings.ReplaceAll(string(s.replies.buf), "\r\n", " ")
	}
}

func TestATornLogIsReadUpToItsLastWholeRecord(t *testing.T) {
	folder := t.TempDir()
	c, run := openCache(t, folder)
	run("SET before 1")
	before := c.log.sealed
	run("MULTI")
	run("SET a 1")
	run("SET b 1")
	run("EXEC")
	c.log.close()
	path := filepath.Join(folder, logName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := before; size <= int64(len(whole)); size++ {
		want := ":1 "
		if size == int64(len(whole)) {
			want = ":3 "
		}
		for _, tail := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00", "torn, of any octets"} {
			os.WriteFile(path, append(slices.Clone(whole[:size]), tail...), 0o600)
			c, run := openCache(t, folder)
			if got := run("EXISTS before a b"); got != want {
				t.Errorf("%d octets and %q: got %q, want %q", size, tail, got, want)
			}
			c.log.close()
		}
	}
}

func TestWhatIsLoggedDoesTheSameWhenItIsReadAgain(t *testing.T) {
	folder := t.TempDir()
	lines := []string{
		"SET a 1 EX 1000", "APPEND a 2", "INCRBY a 5", "SET b 1 PX 1", "SET c 1 KEEPTTL",
		"RPUSH l 1 2 3", "LREM l 1 2", "HSET h f 1 g 2", "HINCRBY h f 4", "SADD s 1 2 3 4 5", "SPOP s 2",
		"ZADD z 0.1 a inf b 3 c 4 d", "ZINCRBY z 1e-7 a", "ZPOPMAX z 2", "EXPIRE l 1000", "RENAME l m", "GETDEL c", "SETNX d 9",
	}
	questions := []string{
		"DBSIZE", "GET a", "PEXPIRETIME a", "GET b", "LRANGE m 0 -1", "PEXPIRETIME m", "HGETALL h",
		"SMEMBERS s", "ZRANGE z 0 -1 WITHSCORES", "GET d", "GET c",
	}
	c, run := openCache(t, folder)
	for _, line := range lines {
		run(line)
	}
	run("CLOCK ADVANCE 10")
	var want []string
	for _, question := range questions {
		want = append(want, run(question))
	}
	c.log.close()
	again, run := openCache(t, folder)
	defer again.log.close()
	for i, question := range questions {
		if got := run(question); got != want[i] {
			t.Errorf("%s: got %s, want %s", question, got, want[i])
		}
	}
	if again.keys.memory != c.keys.memory {
		t.Errorf("memory: got %d, want %d", again.keys.memory, c.keys.memory)
	}
}

func TestALongLogIsWrittenAnew(t *testing.T) {
	folder := t.TempDir()
	c, run := openCache(t, folder)
	for i := range 2500 {
		run("RPUSH l " + fmt.Sprint(i))
		run("SET a " + strings.Repeat("x", 500))
	}
	want := run("LRANGE l 0 -1")
	c.log.close()
	c, run = openCache(t, folder)
	c.log.close()
	info, err := os.Stat(filepath.Join(folder, logName))
	if err != nil || info.Size() > 100_000 {
		t.Errorf("the log has %d octets: %v", info.Size(), err)
	}
	c, run = openCache(t, folder)
	defer c.log.close()
	if got := run("LRANGE l 0 -1"); got != want {
		t.Errorf("got %.60s, want %.60s", got, want)
	}
}

func TestManyCommitsShareTheirFlushes(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	l := newAppendLog(file, flushAlways)
	defer l.close()
	var lock sync.Mutex
	var all sync.WaitGroup
	for range 50 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 20 {
				lock.Lock()
				l.add([]byte("PING"))
				position := l.seal()
				lock.Unlock()
				l.commit(position)
				l.mu.Lock()
				if l.flushed < position {
					t.Errorf("flushed up to %d, committed %d", l.flushed, position)
				}
				l.mu.Unlock()
			}
		}()
	}
	all.Wait()
	if info, _ := file.Stat(); info.Size() != l.sealed {
		t.Errorf("%d octets in the file, %d in the log", info.Size(), l.sealed)
	}
}

func TestEvictionLetsGoWhatThePolicySays(t *testing.T) {
	cases := []struct {
		policy    string
		prepare   []string
		goes      string
		isRefused bool
	}{
		{"allkeys-lru", []string{"SET a 1", "SET b 1", "SET c 1", "GET a"}, "b", false},
		{"allkeys-lfu", []string{"SET a 1", "SET b 1", "SET c 1", "GET a", "GET a", "GET b", "GET b",
			"GET c"}, "c", false},
		{"volatile-ttl", []string{"SET a 1 EX 30", "SET b 1 EX 20", "SET c 1"}, "b", false},
		{"volatile-ttl", []string{"SET a 1", "SET b 1", "SET c 1"}, "", true},
		{"noeviction", []string{"SET a 1", "SET b 1", "SET c 1"}, "", true},
	}
	for _, test := range cases {
		c, run := openCache(t, t.TempDir())
		for _, line := range test.prepare {
			run(line)
		}
		c.limits.policy, c.limits.samples = test.policy, 64
		c.limits.memory = c.keys.memory - 1
		if refused := run("SET d 1") != "+OK "; refused != test.isRefused {
			t.Errorf("%s: refused is %v", test.policy, refused)
		}
		if test.goes != "" && run("EXISTS "+test.goes) != ":0 " {
			t.Errorf("%s: %s is still there", test.policy, test.goes)
		}
		c.log.close()
	}
}
