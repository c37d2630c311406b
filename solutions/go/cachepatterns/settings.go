package main

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// settings is what the environment says.
type settings struct {
	port, origin, cache                          string
	ttl, negative, behind, refresh, early, stale time.Duration
	cacheTime, breakTime                         time.Duration
}

func readSettings(variable func(string) string) (settings, error) {
	s := settings{port: variable("PORT"), origin: variable("ORIGIN"), cache: variable("CACHE")}
	if s.port == "" {
		return s, fmt.Errorf("PORT is not set: write the port to listen on, as in PORT=8080")
	}
	for name, address := range map[string]string{"ORIGIN": s.origin, "CACHE": s.cache} {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return s, fmt.Errorf("%s is %q: write HOST:PORT, as in %s=127.0.0.1:8180", name, address, name)
		}
	}
	for _, each := range []struct {
		name  string
		into  *time.Duration
		usual int
	}{
		{"TTL_MS", &s.ttl, 10000},
		{"NEGATIVE_MS", &s.negative, 1000},
		{"BEHIND_MS", &s.behind, 200},
		{"REFRESH_MS", &s.refresh, 5000},
		{"EARLY_MS", &s.early, 500},
		{"STALE_MS", &s.stale, 10000},
		{"CACHE_MS", &s.cacheTime, 200},
		{"BREAK_MS", &s.breakTime, 500},
	} {
		count := each.usual
		if text := variable(each.name); text != "" {
			number, err := strconv.Atoi(text)
			if err != nil || number < 0 || number > 1e9 {
				return s, fmt.Errorf("%s is %q: write milliseconds, as in %s=%d", each.name, text, each.name, each.usual)
			}
			count = number
		}
		*each.into = time.Duration(count) * time.Millisecond
	}
	s.negative = min(s.negative, s.ttl)
	return s, nil
}
