package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// An arrive reads what a connection begins with, ahead of its first request.
// It reports whether there is anything to serve.
type arrive func(c *client) bool

func arrivePlain(*client) bool { return true }

// arriveTLS makes the handshake with the certificate of the name that the
// client asks for (RFC 6066 §3).
func (s *settings) arriveTLS(c *client) bool {
	conn := tls.Server(c.conn, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
			for _, name := range []string{name, "default"} {
				if found := s.certificates[name]; found != nil {
					return found, nil
				}
			}
			return nil, errors.New("no certificate for that name")
		},
	})
	conn.SetDeadline(time.Now().Add(headTime))
	if conn.Handshake() != nil {
		return false
	}
	conn.SetDeadline(time.Time{})
	c.mu.Lock()
	c.conn, c.scheme = conn, "https"
	c.mu.Unlock()
	return true
}

// signature begins a PROXY protocol header of version 2 (its §2.2).
var signature = []byte("\r\n\r\n\x00\r\nQUIT\n")

const longestV1 = 107 // with its CRLF

// arriveAnnounced reads a PROXY protocol header. What does not begin with one
// gets no answer: nobody knows what it would be an answer to.
func arriveAnnounced(c *client) bool {
	c.enter(phaseHead, headTime)
	address, err := readAnnouncement(c)
	if err != nil {
		return false
	}
	if address != "" {
		c.address = address
	}
	return true
}

// readAnnouncement returns the source address, or "" where the header says
// none.
func readAnnouncement(c *client) (string, error) {
	first, err := c.in.Peek(1)
	if err != nil {
		return "", err
	}
	if first[0] == 'P' {
		return readV1(c)
	}
	for i := range signature { // byte by byte: what differs is not waited for
		got, err := c.in.Peek(i + 1)
		if err != nil {
			return "", err
		}
		if !bytes.HasPrefix(signature, got) {
			return "", errNoAnnouncement
		}
	}
	c.in.Discard(len(signature))
	return readV2(c.in)
}

var errNoAnnouncement = errors.New("no PROXY protocol header")

// readV1 reads `PROXY TCP4 source destination port port CRLF`.
func readV1(c *client) (string, error) {
	line, err := readLine(c.in, longestV1-2)
	if err != nil {
		return "", err
	}
	words := strings.Split(string(line), " ")
	if len(words) >= 2 && words[0] == "PROXY" && words[1] == "UNKNOWN" {
		return "", nil
	}
	if len(words) != 6 || words[0] != "PROXY" {
		return "", errNoAnnouncement
	}
	for _, port := range words[4:] {
		if !isDigits(port) || len(port) > 5 || len(port) > 1 && port[0] == '0' {
			return "", errNoAnnouncement
		}
		if value, _ := parseLength(port); value > 65535 {
			return "", errNoAnnouncement
		}
	}
	for _, text := range words[2:4] {
		ip := net.ParseIP(text)
		is4 := ip != nil && !strings.Contains(text, ":")
		if ip == nil || words[1] == "TCP4" != is4 || words[1] != "TCP4" && words[1] != "TCP6" {
			return "", errNoAnnouncement
		}
	}
	return words[2], nil
}

// readV2 reads what follows the signature: version and command, family,
// length, and as many octets, of which the addresses come first.
func readV2(in io.Reader) (string, error) {
	var fixed [4]byte
	if _, err := io.ReadFull(in, fixed[:]); err != nil {
		return "", err
	}
	rest := make([]byte, binary.BigEndian.Uint16(fixed[2:]))
	if _, err := io.ReadFull(in, rest); err != nil {
		return "", err
	}
	version, command, family := fixed[0]>>4, fixed[0]&15, fixed[1]>>4
	switch {
	case version != 2 || command > 1:
		return "", errNoAnnouncement
	case command == 0: // LOCAL: the proxy before us asks for itself
		return "", nil
	case family == 1 && len(rest) >= 12:
		return net.IP(rest[:4]).String(), nil
	case family == 2 && len(rest) >= 36:
		return net.IP(rest[:16]).String(), nil
	case family == 1 || family == 2:
		return "", errNoAnnouncement
	default: // unspecified, or a socket of this machine
		return "", nil
	}
}
