package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// serve answers until ctx ends, then drains: no new connection, what has begun is answered.
func serve(ctx context.Context, listener net.Listener, a *app) error {
	fresh := &unused{all: map[net.Conn]bool{}}
	server := &http.Server{
		Handler:           a,
		ConnState:         fresh.note,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot listen: %w", err)
	case <-ctx.Done():
	}
	listener.Close()
	time.Sleep(50 * time.Millisecond) // what was sent before the signal may still be on its way to us
	fresh.close()
	limit, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := server.Shutdown(limit); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("not all was answered in time: %w", err)
	}
	return nil
}

// unused is the connections on which nothing has come yet. Shutdown would wait for them.
type unused struct {
	lock sync.Mutex
	all  map[net.Conn]bool
}

func (u *unused) note(c net.Conn, state http.ConnState) {
	u.lock.Lock()
	defer u.lock.Unlock()
	if state == http.StateNew {
		u.all[c] = true
	} else {
		delete(u.all, c)
	}
}

func (u *unused) close() {
	u.lock.Lock()
	defer u.lock.Unlock()
	for c := range u.all {
		c.Close()
	}
}

// ServeHTTP stands around every handler: what goes wrong becomes an answer here,
// and one request that fails never ends the program. What nobody foresaw is told
// to the log; a client is told that it was not its fault, and nothing else.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if problem := recover(); problem != nil && problem != http.ErrAbortHandler {
			log.Printf("%s: %v", r.Method, problem)
			answerTo(w, fmt.Errorf("%v", problem))
		}
	}()
	err := a.route(w, r)
	var told problem
	if err == nil {
		return
	}
	if !errors.As(err, &told) && !errors.Is(err, errAway) {
		log.Printf("%s: %v", r.Method, err)
	}
	answerTo(w, err)
}
