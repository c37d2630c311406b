package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// app is the handlers, and what they need.
type app struct {
	store *store
	reads *reading
	paths map[string]methods
	one   methods // of /todos/{id}
}

func newApp(s *store, reads *reading) *app {
	a := &app{store: s, reads: reads}
	a.paths = map[string]methods{
		"/todos":   {http.MethodGet: a.list, http.MethodPost: a.create},
		"/health":  {http.MethodGet: a.health},
		"/":        {http.MethodGet: file("page.html", "text/html; charset=utf-8")},
		"/page.js": {http.MethodGet: file("page.js", "text/javascript; charset=utf-8")},
	}
	a.one = methods{http.MethodGet: a.read, http.MethodPut: a.change, http.MethodDelete: a.remove}
	return a
}

func (a *app) create(w http.ResponseWriter, r *http.Request, _ string) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	key, err := readKey(r.Header)
	if err != nil {
		return err
	}
	said, err := readDraft(r.Header, body, false)
	if err != nil {
		return err
	}
	made, err := makeKept(todo{newID(), said.title, said.done, now()}, 1)
	if err != nil {
		return err
	}
	if key != "" {
		key = digest([]byte(key))
	}
	found, err := a.store.add(made, key, digest(body))
	if err != nil {
		return err
	}
	if found.digest != digest(body) {
		return problem{status: 422, detail: "This Idempotency-Key came before with another body."}
	}
	w.Header().Set("Location", "/todos/"+found.made.ID)
	return say(w, http.StatusCreated, found.made)
}

func (a *app) list(w http.ResponseWriter, r *http.Request, _ string) error {
	asked, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	found, after, err := a.store.page(asked.after, asked.limit, asked.wants())
	if err != nil {
		return err
	}
	page := struct {
		Todos []json.RawMessage `json:"todos"`
		Next  *string           `json:"next"`
	}{Todos: []json.RawMessage{}}
	for _, each := range found {
		page.Todos = append(page.Todos, each.json)
	}
	if after != 0 {
		target := asked.target(after)
		page.Next = &target
	}
	w.Header().Set("Cache-Control", "no-cache")
	answer(w, http.StatusOK, "application/json", inJSON(page))
	return nil
}

func (a *app) read(w http.ResponseWriter, r *http.Request, id string) error {
	found, err := a.reads.get(id)
	if err != nil {
		return err
	}
	if found == nil {
		return gone
	}
	w.Header().Set("Cache-Control", "no-cache")
	known := tags(r.Header, "If-None-Match")
	if slices.ContainsFunc(known, func(tag string) bool { // weakly: RFC 9110 §13.1.2
		return tag == "*" || tag == found.tag() || tag == "W/"+found.tag()
	}) {
		w.Header().Set("ETag", found.tag())
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return say(w, http.StatusOK, *found)
}

func (a *app) change(w http.ResponseWriter, r *http.Request, id string) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	said, err := readDraft(r.Header, body, true)
	if err != nil {
		return err
	}
	meant := tags(r.Header, "If-Match")
	made, err := a.write(id, func(old *kept) (*kept, error) {
		if err := current(old, meant, true); err != nil {
			return nil, err
		}
		changed, err := makeKept(todo{id, said.title, said.done, old.Created}, old.version+1)
		return &changed, err
	})
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, "application/json", made.json) // no tag: RFC 9110 §9.3.4
	return nil
}

func (a *app) remove(w http.ResponseWriter, r *http.Request, id string) error {
	meant := tags(r.Header, "If-Match")
	_, err := a.write(id, func(old *kept) (*kept, error) { return nil, current(old, meant, false) })
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// write changes the store and then tells the cache, also where nobody knows whether it was done.
func (a *app) write(id string, decide func(*kept) (*kept, error)) (*kept, error) {
	made, err := a.store.change(id, decide)
	if err == nil || errors.Is(err, errAway) {
		a.reads.written(id)
	}
	return made, err
}

var gone = problem{status: 404, detail: "There is no such to-do."}

// current is an error where the state that is meant is not the one that is there (RFC 9110 §13.1.1).
func current(old *kept, meant []string, needed bool) error {
	switch {
	case old == nil:
		return gone
	case meant == nil && needed:
		return problem{status: 428, detail: "Say in If-Match which state you change: its ETag, or *."}
	case meant != nil && !slices.Contains(meant, "*") && !slices.Contains(meant, old.tag()):
		return problem{status: 412, detail: "Somebody else has changed it since. Read it again."}
	}
	return nil
}

func (a *app) health(w http.ResponseWriter, r *http.Request, _ string) error {
	if err := a.store.alive(); err != nil {
		return err
	}
	answer(w, http.StatusOK, "application/json", []byte("{\"store\": \"answers\"}\n"))
	return nil
}

// say answers a to-do: as it is kept is how it goes out.
func say(w http.ResponseWriter, status int, k kept) error {
	w.Header().Set("ETag", k.tag())
	answer(w, status, "application/json", k.json)
	return nil
}

func newID() string {
	octets := make([]byte, 12)
	rand.Read(octets) // never fails, since Go 1.24
	return base64.RawURLEncoding.EncodeToString(octets)
}

func digest(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}
