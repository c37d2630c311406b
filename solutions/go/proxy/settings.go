package main

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A route sends targets under a path to some of the upstreams.
type route struct {
	Host    string  `json:"host"`
	Path    string  `json:"path"`
	To      []int   `json:"to"`
	Replace *string `json:"replace"`
}

type settings struct {
	port, tlsPort, proxyPort string

	upstreams []string
	weights   []int
	policy    string
	routes    []route // in the order in which they are tried

	connect, read, total time.Duration

	retries      int
	retryPercent int
	ejectAfter   int
	eject        time.Duration
	healthPath   string
	health       time.Duration

	certificates map[string]*tls.Certificate
	allow        map[string]bool // nil: no forward proxy
}

var policies = []string{"round_robin", "weighted", "least_connections", "two_choices", "hash"}

// readSettings reads the whole environment; the first thing that makes no
// sense is the error.
func readSettings(getenv func(string) string) (*settings, error) {
	r := &reading{getenv: getenv}
	s := &settings{
		port:         r.text("PORT", ""),
		tlsPort:      r.text("TLS_PORT", ""),
		proxyPort:    r.text("PROXY_PORT", ""),
		upstreams:    r.list("UPSTREAMS"),
		policy:       r.text("POLICY", "round_robin"),
		connect:      r.milliseconds("CONNECT_MS", 1000),
		read:         r.milliseconds("READ_MS", 2000),
		total:        r.milliseconds("TOTAL_MS", 10000),
		retries:      r.number("RETRIES", 0),
		retryPercent: r.number("RETRY_PERCENT", 20),
		ejectAfter:   r.number("EJECT_AFTER", 0),
		eject:        r.milliseconds("EJECT_MS", 1000),
		healthPath:   r.text("HEALTH_PATH", ""),
		health:       r.milliseconds("HEALTH_MS", 200),
	}
	if s.port == "" || len(s.upstreams) == 0 {
		r.fail(errors.New("set PORT, and UPSTREAMS to HOST:PORT, several separated by commas"))
	}
	for _, address := range s.upstreams {
		if _, _, err := net.SplitHostPort(address); err != nil {
			r.fail(fmt.Errorf("UPSTREAMS: %w", err))
		}
	}
	if !slices.Contains(policies, s.policy) {
		r.fail(fmt.Errorf("POLICY is one of %s", strings.Join(policies, ", ")))
	}
	s.weights = r.weights(len(s.upstreams))
	s.routes = r.routes(len(s.upstreams))
	s.certificates = r.certificates()
	if list := r.list("CONNECT_ALLOW"); list != nil {
		s.allow = map[string]bool{}
		for _, address := range list {
			s.allow[strings.ToLower(address)] = true
		}
	}
	return s, r.err
}

// listeners pairs each port with what its connections begin with.
func (s *settings) listeners() map[string]arrive {
	found := map[string]arrive{s.port: arrivePlain}
	if s.tlsPort != "" {
		found[s.tlsPort] = s.arriveTLS
	}
	if s.proxyPort != "" {
		found[s.proxyPort] = arriveAnnounced
	}
	return found
}

// reading keeps the first error, so that the settings read as a table.
type reading struct {
	getenv func(string) string
	err    error
}

func (r *reading) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reading) text(name, otherwise string) string {
	return cmp.Or(strings.TrimSpace(r.getenv(name)), otherwise)
}

func (r *reading) list(name string) (members []string) {
	for member := range strings.SplitSeq(r.getenv(name), ",") {
		if member = strings.TrimSpace(member); member != "" {
			members = append(members, member)
		}
	}
	return members
}

func (r *reading) number(name string, otherwise int) int {
	text := r.text(name, "")
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		r.fail(fmt.Errorf("%s is a whole number, not %q", name, text))
	}
	return value
}

func (r *reading) milliseconds(name string, otherwise int) time.Duration {
	return time.Duration(r.number(name, otherwise)) * time.Millisecond
}

func (r *reading) weights(count int) []int {
	weights := slices.Repeat([]int{1}, count)
	for i, text := range r.list("WEIGHTS") {
		weight, err := strconv.Atoi(text)
		if err != nil || weight < 0 || i >= count {
			r.fail(errors.New("WEIGHTS are whole numbers, one for each upstream"))
			break
		}
		weights[i] = weight
	}
	return weights
}

func (r *reading) routes(upstreams int) (routes []route) {
	text := r.text("ROUTES", "[]")
	if err := json.Unmarshal([]byte(text), &routes); err != nil {
		r.fail(fmt.Errorf("ROUTES: %w", err))
		return nil
	}
	for i := range routes {
		routes[i].Host = strings.ToLower(routes[i].Host)
		for _, place := range routes[i].To {
			if place < 0 || place >= upstreams {
				r.fail(fmt.Errorf("ROUTES: there is no upstream %d", place))
			}
		}
	}
	slices.SortStableFunc(routes, func(a, b route) int {
		if (a.Host == "") != (b.Host == "") {
			return cmp.Compare(b.Host, a.Host) // with a host first
		}
		return cmp.Compare(len(b.Path), len(a.Path))
	})
	return routes
}

func (r *reading) certificates() map[string]*tls.Certificate {
	folder := r.text("CERTIFICATES", "")
	if folder == "" {
		return nil
	}
	found := map[string]*tls.Certificate{}
	files, _ := filepath.Glob(filepath.Join(folder, "*.crt"))
	for _, file := range files {
		name := strings.TrimSuffix(file, ".crt")
		pair, err := tls.LoadX509KeyPair(file, name+".key")
		if err != nil {
			r.fail(fmt.Errorf("CERTIFICATES: %w", err))
			continue
		}
		found[strings.ToLower(filepath.Base(name))] = &pair
	}
	return found
}
