package main

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// settings is what the environment says. cache is empty where there is none.
type settings struct {
	port, store, cache         string
	storeTime, cacheTime, life time.Duration
}

func readSettings(variable func(string) string) (settings, error) {
	s := settings{port: variable("PORT"), store: variable("STORE"), cache: variable("CACHE")}
	if s.port == "" {
		return s, fmt.Errorf("PORT is not set: write the port to listen on, as in PORT=8080")
	}
	for name, address := range map[string]string{"STORE": s.store, "CACHE": s.cache} {
		if address == "" && name == "CACHE" {
			continue
		}
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return s, fmt.Errorf("%s is %q: write HOST:PORT, as in %s=127.0.0.1:6379", name, address, name)
		}
	}
	for _, each := range []struct {
		name  string
		into  *time.Duration
		usual int
	}{
		{"STORE_MS", &s.storeTime, 2000},
		{"CACHE_MS", &s.cacheTime, 100},
		{"TTL_MS", &s.life, 60000},
	} {
		count := each.usual
		if text := variable(each.name); text != "" {
			number, err := strconv.Atoi(text)
			if err != nil || number < 1 || number > 1e9 {
				return s, fmt.Errorf("%s is %q: write milliseconds, as in %s=%d", each.name, text, each.name, each.usual)
			}
			count = number
		}
		*each.into = time.Duration(count) * time.Millisecond
	}
	return s, nil
}
