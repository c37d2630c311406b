// The first to-do: kept in the store, and shown at its place.
//
// The first stage, and no more. What the next ones ask is marked with "later".
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
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
	"time"
)

const page = "<!doctype html><title>To-do</title><p>Later: a page that can do all of this.</p>"

var one = regexp.MustCompile(`^/todos/([A-Za-z0-9_-]{1,64})$`)

// Todo is what clients get, and here also what the store keeps.
type Todo struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Done    bool   `json:"done"`
	Created string `json:"created"`
}

func main() {
	program := &program{store: store{address: os.Getenv("STORE")}}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), program))
}

type program struct {
	store store
}

func (p *program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// parse it: the path first, then the method.
	path := r.URL.EscapedPath()
	found := one.FindStringSubmatch(path)
	switch {
	case path == "/todos": // Later: GET lists them.
		if allows(w, r, http.MethodPost) {
			p.create(w, r)
		}
	case found != nil: // Later: PUT and DELETE.
		if allows(w, r, http.MethodGet) {
			p.read(w, found[1])
		}
	case path == "/health": // Later: ask the store.
		if allows(w, r, http.MethodGet) {
			answer(w, http.StatusOK, []byte("{}"))
		}
	case path == "/":
		if allows(w, r, http.MethodGet) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, page)
		}
	default:
		problem(w, http.StatusNotFound)
	}
}

// allows says whether the path has the method; where it has not, the answer has been given.
func allows(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, method := range methods {
		if r.Method == method || r.Method == http.MethodHead && method == http.MethodGet {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	problem(w, http.StatusMethodNotAllowed)
	return false
}

func (p *program) create(w http.ResponseWriter, r *http.Request) {
	// Later: a body has a limit, a media type, and members that have to be right.
	var said Todo
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		problem(w, http.StatusBadRequest)
		return
	}
	todo := Todo{
		ID:      newID(),
		Title:   said.Title,
		Done:    said.Done,
		Created: time.Now().UTC().Format(time.RFC3339),
	}
	octets, err := json.Marshal(todo)
	if err != nil {
		problem(w, http.StatusInternalServerError)
		return
	}
	// act: the store has it before the answer leaves. Later: its place in the order of all.
	if _, err := p.store.ask("SET", "todo:"+todo.ID, string(octets)); err != nil {
		failed(w, err)
		return
	}
	w.Header().Set("Location", "/todos/"+todo.ID)
	w.Header().Set("ETag", `"1"`)
	answer(w, http.StatusCreated, octets)
}

func (p *program) read(w http.ResponseWriter, id string) {
	// Later: ask the cache first.
	octets, err := p.store.ask("GET", "todo:"+id)
	if err != nil {
		failed(w, err)
		return
	}
	if octets == nil {
		problem(w, http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", `"1"`) // Later: another tag after each change.
	answer(w, http.StatusOK, octets)
}

func newID() string {
	octets := make([]byte, 12)
	if _, err := rand.Read(octets); err != nil {
		panic(err) // a system without randomness cannot go on
	}
	return base64.RawURLEncoding.EncodeToString(octets)
}

func answer(w http.ResponseWriter, status int, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	w.Write(body)
}

func problem(w http.ResponseWriter, status int) {
	body, _ := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status})
	w.Header().Set("Content-Type", "application/problem+json")
	answer(w, status, body)
}

// failed says that the store did not answer. Later: 503, and Retry-After.
func failed(w http.ResponseWriter, err error) {
	log.Printf("the store failed: %v", err)
	problem(w, http.StatusInternalServerError)
}

// store is one connection: commands, and what the store answers to them in turn.
type store struct {
	address string
	turn    sync.Mutex
	conn    net.Conn
	reader  *bufio.Reader
}

// ask returns a string, or nil where the store has nothing.
func (s *store) ask(words ...string) ([]byte, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	// Later: it may be gone, or slow, and then it is back.
	if s.conn == nil {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			return nil, err
		}
		s.conn, s.reader = conn, bufio.NewReader(conn)
	}

	// frame it: how many words follow, then each with its length in octets.
	var command strings.Builder
	fmt.Fprintf(&command, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(s.conn, command.String()); err != nil {
		return nil, s.lost(err)
	}
	value, err := s.reply()
	if err != nil {
		return nil, s.lost(err)
	}
	return value, nil
}

func (s *store) reply() ([]byte, error) {
	line, err := s.reader.ReadString('\n')
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
		_, err = io.ReadFull(s.reader, value)
		return value[:length], err
	case kind == '+':
		return []byte(text), nil
	}
	return nil, fmt.Errorf("the store said %q", line)
}

// lost ends the connection: nobody knows which answer would come next.
func (s *store) lost(err error) error {
	s.conn.Close()
	s.conn = nil
	return err
}
