// Command server is a cache in memory that Redis clients can use. Package net
// gives it bytes and package os a file; everything between is in this folder.
//
// A command passes through the files in this order:
//
//	settings.go     what the environment says
//	server.go       accept connections, count them, drain them
//	connection.go   one client: read, execute, answer; outbox.go: what others send to it
//	resp.go         bytes to commands; inline.go: the ones that were typed
//	session.go      what is remembered of a client
//	commands.go     the table, and who may run what and when
//	transactions.go what waits for EXEC
//	cache.go        all that clients share, under one lock
//	keyspace.go     the keys; table.go: a map to walk and to draw from
//	expiry.go       keys that end; memory.go: keys that have to go
//	log.go          what outlives the program; replay.go: how it is read again;
//	                rewrite.go: how it is kept short
//	replies.go      answers to bytes, in both versions of the protocol
//
// The commands themselves: strings.go, keys.go, lists.go on deque.go, hashes.go,
// sets.go, sortedsets.go and ranges.go on skiplist.go, publish.go, clients.go,
// info.go and parameters.go.
//
// # One lock
//
// A command takes less time than handing it to another goroutine and waiting
// for the answer, so the keyspace has a lock and no owner. The connections
// read, parse and write at the same time; the lock is held for one command, or
// for one transaction, and the order in which it was taken is the order in
// which the log has them.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// gcPercent is half of the usual: a cache is nearly all live memory, and what
// waits for collection beside it should be the smaller part.
const gcPercent = 50

func main() {
	log.SetFlags(0)
	debug.SetGCPercent(gcPercent)
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
	c := newCache(settings)
	if err := c.restore(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", settings.port))
	if err != nil {
		return err
	}
	s := newServer(c, listener.(*net.TCPListener))
	go s.accept()
	ticking := make(chan struct{})
	go func() {
		defer close(ticking)
		c.tick(ctx)
	}()

	<-ctx.Done()
	s.drain()
	<-ticking
	return c.log.close()
}
