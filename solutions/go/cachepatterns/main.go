// Command cached stands between a slow origin and a cache, and answers for ten
// patterns, each under a path of its own. HTTP comes from the standard library;
// what is said to the cache (RESP) is written here.
//
// The files, from the outside to the inside:
//
//	settings.go   what the environment says
//	server.go     listen, find the handler, drain
//	patterns.go   the list of the patterns: how each is read and written
//	reading.go    aside and read-through; refresh-ahead, early and stale, which ask again
//	flights.go    single flight
//	writing.go    aside, write-through, write-around, invalidation
//	behind.go     write-behind
//	keyed.go      a thing for each key, there while it is used
//	cache.go      look, store, remove, and what closes the race between them
//	entry.go      what stands in the cache, and when it is believed
//	link.go       connections to the cache, their time, and the breaker
//	resp.go       commands out, values back
//	origin.go     the origin
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends, then drains.
func run(ctx context.Context) error {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", settings.port))
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	return serve(ctx, listener, newApp(settings))
}
