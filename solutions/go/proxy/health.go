package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

// in reports whether the upstream may get requests.
func (u *upstream) in() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.sick && !time.Now().Before(u.ejectedUntil)
}

// report counts what became of a request: failures in a row eject.
func (u *upstream) report(ok bool) {
	if u.settings.ejectAfter == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if ok {
		u.failures = 0
		return
	}
	if u.failures++; u.failures >= u.settings.ejectAfter {
		u.failures = 0
		u.ejectedUntil = time.Now().Add(u.settings.eject)
	}
}

func (p *proxy) startHealthChecks(ctx context.Context) {
	if p.healthPath == "" {
		return
	}
	for _, u := range p.all.members {
		go u.watch(ctx)
	}
}

// watch asks again and again; two answers that differ from the state change it.
func (u *upstream) watch(ctx context.Context) {
	tick := time.NewTicker(max(u.settings.health, time.Millisecond))
	defer tick.Stop()
	inARow := 0
	for {
		well := u.isWell()
		u.mu.Lock()
		if well == !u.sick {
			inARow = 0
		} else if inARow++; inARow >= 2 {
			u.sick, inARow = !well, 0
		}
		u.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (u *upstream) isWell() bool {
	deadline := time.Now().Add(u.settings.health)
	conn, err := net.DialTimeout("tcp", u.address, u.settings.health)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(deadline)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", u.settings.healthPath, u.address)
	resp, err := readResponse(bufio.NewReader(conn))
	return err == nil && resp.code/100 == 2
}
