package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// dial starts a server for one service and connects to it.
func dial(t *testing.T, limit int, to service) (*server, *net.TCPConn) {
	t.Helper()
	s := newServer(time.Minute, limit)
	if err := s.listen("127.0.0.1:0", to); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.drain)
	return s, connect(t, s)
}

func connect(t *testing.T, s *server) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.listeners[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(5 * time.Second))
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

func TestWhatIsSentBack(t *testing.T) {
	longest := strings.Repeat("x", maxLine) + "\n"
	lines := service{handle: newLobby().serveLines}
	cases := []struct {
		name     string
		to       service
		in, want string
	}{
		{"echo returns every byte", service{handle: echo}, "a\x00b", "a\x00b"},
		{"lines come back with the LF they had", lines, "a\r\n\nb\n", "a\r\n\nb\n"},
		{"a line without its LF is no line", lines, "a\nb", "a\n"},
		{"the longest line is served", lines, longest, longest},
		{"a longer line ends the connection", lines, "a\nx" + longest + "b\n", "a\n"},
		{"a member hears itself", lines, "/join r\nhi\n", "joined r\nhi\n"},
		{"a room needs a name", lines, "/join \n", "/join \n"},
		{"frames come back whole", service{handle: frames}, "\x00\x00\x00\x02hi", "\x00\x00\x00\x02hi"},
		{"a heartbeat is answered", service{handle: frames}, "\x00\x00\x00\x00", "\x00\x00\x00\x00"},
		{"half a frame is no frame", service{handle: frames}, "\x00\x00\x00\x02h", ""},
		{"a frame too long ends the connection", service{handle: frames},
			"\x00\x00\x00\x00\x00\x10\x00\x01\x00\x00\x00\x00", "\x00\x00\x00\x00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, client := dial(t, 10, c.to)
			io.WriteString(client, c.in)
			client.CloseWrite()
			if got, err := io.ReadAll(client); err != nil || string(got) != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestAFullServerSaysBusyAndServesAgain(t *testing.T) {
	s, first := dial(t, 1, service{handle: echo, busy: "busy\n"})
	io.WriteString(first, "1")
	io.ReadFull(first, make([]byte, 1))
	if got, _ := io.ReadAll(connect(t, s)); string(got) != "busy\n" {
		t.Errorf("the second got %q", got)
	}
	first.Close()
	third := connect(t, s)
	io.WriteString(third, "3")
	third.CloseWrite()
	if got, _ := io.ReadAll(third); string(got) != "3" {
		t.Errorf("the third got %q", got)
	}
}
