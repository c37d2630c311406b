// Cache-aside: look in the cache, else ask the origin and keep what it says.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Later: there are more patterns, and writes.
var path = regexp.MustCompile(`^/(aside)/([A-Za-z0-9._-]{1,64})$`)

func main() {
	ttl := os.Getenv("TTL_MS")
	if ttl == "" {
		ttl = "10000"
	}
	program := &program{ttl: ttl}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), program))
}

type program struct {
	ttl   string
	cache cache
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// parse it: the pattern and the key. Everything else is 404 or 405, and nobody is asked.
	found := path.FindStringSubmatch(r.URL.EscapedPath())
	if found == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	entry, key := found[1]+":"+found[2], found[2]

	// decide: is there an entry? An empty value is one, too: only nil is none.
	// Later: the cache may be gone, or slow, or have something else there.
	value, err := p.cache.ask("GET", entry)
	if err != nil {
		log.Printf("the cache failed: %v", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if value != nil {
		w.Write(value)
		return
	}

	// Later: while the origin is asked for a key, whoever wants the same one waits for it.
	status, value := askOrigin(key)
	if status == http.StatusOK {
		// act: value and lifetime in one command, before the answer leaves.
		// Later: what was asked before somebody wrote must not be stored behind it.
		if _, err := p.cache.ask("SET", entry, string(value), "PX", p.ttl); err != nil {
			log.Printf("the cache did not store: %v", err)
		}
		w.Write(value)
		return
	}
	// Later: that there is nothing can be remembered, too.
	w.WriteHeader(status)
}

// origin does not follow redirects: what stands elsewhere is not what was asked for.
var origin = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

// askOrigin returns 200 with the value, 404, or 502 for whatever else the origin does.
func askOrigin(key string) (int, []byte) {
	response, err := origin.Get("http://" + os.Getenv("ORIGIN") + "/items/" + key)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	defer response.Body.Close()
	value, err := io.ReadAll(response.Body)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNotFound {
		return http.StatusBadGateway, nil
	}
	return response.StatusCode, value
}

// cache is one connection: commands, and what the cache answers to them in turn.
type cache struct {
	turn   sync.Mutex
	conn   net.Conn
	reader *bufio.Reader
}

// ask returns a string, or nil where the cache has nothing.
func (c *cache) ask(words ...string) ([]byte, error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.conn == nil {
		conn, err := net.Dial("tcp", os.Getenv("CACHE"))
		if err != nil {
			return nil, err
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}

	// frame it: how many words follow, then each with its length in octets.
	var command strings.Builder
	fmt.Fprintf(&command, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(c.conn, command.String()); err != nil {
		return nil, c.lost(err)
	}
	value, err := c.reply()
	if err != nil {
		return nil, c.lost(err)
	}
	return value, nil
}

func (c *cache) reply() ([]byte, error) {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, text := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch {
	case kind == '$' && text == "-1":
		return nil, nil
	case kind == '$':
		length, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		value := make([]byte, length+2)
		_, err = io.ReadFull(c.reader, value)
		return value[:length], err
	case kind == '+':
		return []byte(text), nil
	}
	return nil, fmt.Errorf("the cache said %q", line)
}

// lost ends the connection: nobody knows which answer would come next.
func (c *cache) lost(err error) error {
	c.conn.Close()
	c.conn = nil
	return err
}
