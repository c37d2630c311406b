package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// drainTime is how long what has begun is answered after SIGTERM.
const drainTime = 4 * time.Second

// serve answers until ctx ends. What has begun is answered then, and what is owed is sent.
func serve(ctx context.Context, listener net.Listener, a *app) error {
	server := &http.Server{
		Handler:           a,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	go a.behind.load()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot listen: %w", err)
	case <-ctx.Done():
	}
	a.behind.hurry()
	limit, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if server.Shutdown(limit) != nil {
		server.Close()
	}
	a.behind.finish()
	return nil
}

// A path is taken as it came: nothing in it is decoded, so nothing else gets into a key.
var pathForm = regexp.MustCompile(`^/([a-z-]+)/([A-Za-z0-9._-]{1,64})$`)

// ServeHTTP finds the handler by path and method, and reads all of a body before
// anybody is told of it.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found := pathForm.FindStringSubmatch(r.URL.EscapedPath())
	if found == nil || a.paths[found[1]] == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	handlers := a.paths[found[1]]
	handle := handlers[r.Method]
	if handle == nil {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(handlers)), ", "))
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestValue))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	got := handle(found[2], body)
	if got.status == http.StatusOK {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	w.WriteHeader(got.status)
	w.Write(got.value)
}
