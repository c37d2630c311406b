// Command server is a reverse proxy and load balancer on raw TCP connections:
// package net gives it bytes, and everything above them is in this folder.
//
// A request passes through the files in this order:
//
//	settings.go  what the environment says
//	server.go    accept connections, count them, drain them
//	client.go    one client: its clocks, its requests one after another
//	arrival.go   what a connection begins with: a PROXY header, a TLS handshake
//	head.go      bytes to start line and fields, for requests and answers
//	body.go      where a body ends, and its bytes on their way
//	routes.go    which group of upstreams a target belongs to
//	balance.go   which upstream of the group; health.go: which are in
//	exchange.go  the tries of one request
//	fields.go    what a proxy takes out of a head and puts into it
//	upstream.go  connections to one upstream, kept and used again
//	tunnel.go    CONNECT and Upgrade: bytes as they are
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
	p := newProxy(settings)
	var listeners []net.Listener
	for port, arrive := range settings.listeners() {
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return fmt.Errorf("cannot listen: %w", err)
		}
		listeners = append(listeners, listener)
		go p.accept(listener, arrive)
	}
	p.startHealthChecks(ctx)

	<-ctx.Done()
	for _, listener := range listeners {
		listener.Close()
	}
	return p.drain()
}
