package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

const (
	longestValue = 64 << 10
	// originTime is how long the origin may take. The contract has no limit; without
	// one, what is asked in the background could stay for ever.
	originTime = 30 * time.Second
)

// answer is what a client gets, and what is stored of the origin: 200 with a
// value, or 404. Every failure of the origin is 502.
type answer struct {
	status int
	value  []byte
}

// outcome is what became of a write.
type outcome int

const (
	taken   outcome = iota
	refused         // the origin said so
	unknown         // no answer: it may have been taken
)

// origin is slow, and knows the truth. A connection is for one question: the
// end of one that was kept could mean that the question failed, or that it never
// arrived, and to ask again is not the same as to ask once.
type origin struct {
	address string
	way     http.RoundTripper // no client: that would follow redirects
}

func newOrigin(address string) *origin {
	return &origin{address, &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
}

func (o *origin) get(key string) answer {
	status, value, err := o.ask(http.MethodGet, key, nil)
	switch {
	case err == nil && status == http.StatusOK && len(value) <= longestValue:
		return answer{status, value}
	case err == nil && status == http.StatusNotFound:
		return answer{status: status}
	}
	return answer{status: http.StatusBadGateway}
}

// write is PUT or DELETE.
func (o *origin) write(method, key string, value []byte) outcome {
	status, _, err := o.ask(method, key, value)
	switch {
	case status == http.StatusNoContent:
		return taken
	case err == nil:
		return refused
	}
	return unknown
}

// ask returns a body only when all of it came.
func (o *origin) ask(method, key string, body []byte) (int, []byte, error) {
	limit, cancel := context.WithTimeout(context.Background(), originTime)
	defer cancel()
	url := "http://" + o.address + "/items/" + key
	request, err := http.NewRequestWithContext(limit, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	response, err := o.way.RoundTrip(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	value, err := io.ReadAll(io.LimitReader(response.Body, longestValue+1))
	return response.StatusCode, value, err
}
