// Command todo is a service that keeps to-dos in a store and reads them through
// a cache. HTTP comes from the standard library; what is said to the store and
// to the cache (RESP) is written here.
//
// A request passes through the files in this order:
//
//	settings.go    what the environment says
//	server.go      listen, drain, and what stands around every handler
//	routes.go      which handler: by path, then by method
//	handlers.go    from HTTP to what is to be done, and back
//	input.go       what may not come in: kind, JSON, members, queries, tags
//	reading.go     a to-do from the cache, or from the store into the cache
//	store.go       to-dos in the store: the keys, and what is one step
//	kept.go        a to-do as it is kept: the JSON, its version, its checksum
//	link.go        connections to a server that speaks RESP, and their time
//	resp.go        commands out, values back
//	problems.go    errors as answers
//	page.go        the page for a browser
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
	store := &store{link: newLink(settings.store), patience: settings.storeTime, turn: make(turn, 1)}
	reads := &reading{store: store, patience: settings.cacheTime, life: settings.life}
	if settings.cache != "" {
		reads.link = newLink(settings.cache)
	}
	return serve(ctx, listener, newApp(store, reads))
}
