// Command server answers the tcp topic: one program with three listeners on
// the loopback address, each cutting the same stream of bytes differently.
//
//	PORT         raw echo     every byte comes back
//	LINES_PORT   lines        every line comes back, or goes to a chat room
//	FRAMES_PORT  frames       every length-prefixed frame comes back
//
// One goroutine serves one connection with blocking reads and writes. A
// client that does not read therefore stops being read from: TCP's own
// window is the bound, and no other client waits for it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
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
	idle, err := secondsFromEnv("IDLE_SECONDS", 60)
	if err != nil {
		return err
	}
	limit, err := countFromEnv("MAX_CONNECTIONS", 10000)
	if err != nil {
		return err
	}

	s := newServer(idle, limit)
	services := []struct {
		variable string
		service  service
	}{
		{"PORT", service{handle: echo}},
		{"LINES_PORT", service{handle: newLobby().serveLines, busy: "busy\n"}},
		{"FRAMES_PORT", service{handle: frames}},
	}
	for _, each := range services {
		port := os.Getenv(each.variable)
		if port == "" {
			continue
		}
		if err := s.listen(net.JoinHostPort("127.0.0.1", port), each.service); err != nil {
			return fmt.Errorf("cannot listen on %s: %w", each.variable, err)
		}
	}
	if !s.listening() {
		return errors.New("nothing to listen on: set PORT, LINES_PORT or FRAMES_PORT")
	}

	<-ctx.Done()
	s.drain()
	return nil
}

// secondsFromEnv reads a positive decimal number of seconds.
func secondsFromEnv(name string, absent float64) (time.Duration, error) {
	seconds := absent
	if text := os.Getenv(name); text != "" {
		var err error
		// The comparison is written so that NaN fails it, too.
		if seconds, err = strconv.ParseFloat(text, 64); err != nil || !(seconds > 0 && seconds < 1e9) {
			return 0, fmt.Errorf("%s is %q; a positive number of seconds is needed", name, text)
		}
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// countFromEnv reads a positive whole number.
func countFromEnv(name string, absent int) (int, error) {
	text := os.Getenv(name)
	if text == "" {
		return absent, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 {
		return 0, fmt.Errorf("%s is %q; a positive whole number is needed", name, text)
	}
	return count, nil
}
