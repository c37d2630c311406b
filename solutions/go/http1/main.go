// Command server is an HTTP/1.1 server on raw TCP connections: package net
// gives it bytes, and everything above them is in this folder.
//
// A request passes through the files in this order:
//
//	server.go   accept connections, count them, drain them
//	conn.go     one connection: its clocks, its requests one after another
//	head.go     bytes to request line and fields
//	target.go   request target and Host
//	body.go     where the body ends; Content-Length and chunked
//	routes.go   what each path answers
//	files.go    the /files/ resource; store.go keeps the files themselves
//	conditions.go, ranges.go, encoding.go   what the fields of a request ask
//	response.go answer to bytes
package main

import (
	"context"
	"errors"
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
	port := os.Getenv("PORT")
	if port == "" {
		return errors.New("nothing to listen on: set PORT")
	}
	var files *store
	if dir := os.Getenv("DATA_DIR"); dir != "" {
		var err error
		if files, err = openStore(dir); err != nil {
			return fmt.Errorf("cannot use DATA_DIR: %w", err)
		}
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return fmt.Errorf("cannot listen on PORT: %w", err)
	}
	s := newServer(newRouter(files))
	go s.accept(listener)

	<-ctx.Done()
	listener.Close()
	return s.drain()
}
