package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

// problem is an error that a client is told of, as RFC 9457 has it.
type problem struct {
	status int
	detail string
	errors []member
	allow  string
}

// member is one that is wrong in a body.
type member struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p problem) Error() string { return p.detail }

// answerTo is the one place where an error becomes an answer.
func answerTo(w http.ResponseWriter, err error) {
	var found problem
	switch {
	case errors.Is(err, errAway):
		found = problem{status: http.StatusServiceUnavailable, detail: "The store does not answer. Try again."}
		w.Header().Set("Retry-After", "1")
	case !errors.As(err, &found):
		found = problem{status: http.StatusInternalServerError}
	}
	if found.allow != "" {
		w.Header().Set("Allow", found.allow)
	}
	said := map[string]any{"title": http.StatusText(found.status), "status": found.status}
	if found.detail != "" {
		said["detail"] = found.detail
	}
	if found.errors != nil {
		said["errors"] = found.errors
	}
	answer(w, found.status, "application/problem+json", inJSON(said))
}

func answer(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) // after HEAD the server leaves it out
}

// inJSON leaves < and > as they are: what is sent is JSON, not markup.
func inJSON(what any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(what); err != nil {
		panic(err) // no value of ours is such
	}
	return text.Bytes()
}
