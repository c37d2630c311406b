package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// incoming starts the names of files that are still being written. They
// belong to the store: no client can reach them.
const incoming = ".incoming-"

// A store is a folder of files that are replaced as a whole. Readers never
// wait: they hold the file that was there when they opened it. Writers of one
// name take turns from the check of their conditions to the rename.
type store struct {
	dir  string
	root *os.Root // refuses paths and links that lead outside

	mu    sync.Mutex
	turns map[string]*turn
}

// A turn is the lock of one name; it exists while somebody wants it.
type turn struct {
	sync.Mutex
	wanted int
}

// openStore opens the folder and removes what an ended run left half written.
func openStore(dir string) (*store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(dir, incoming+"*"))
	if err != nil {
		left = nil // a folder whose own name looks like a pattern
	}
	for _, path := range left {
		os.Remove(path)
	}
	return &store{dir: dir, root: root, turns: map[string]*turn{}}, nil
}

// lock waits for the turn to change name, and returns what ends it.
func (s *store) lock(name string) (unlock func()) {
	s.mu.Lock()
	t := s.turns[name]
	if t == nil {
		t = &turn{}
		s.turns[name] = t
	}
	t.wanted++
	s.mu.Unlock()

	t.Lock()
	return func() {
		t.Unlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.wanted--; t.wanted == 0 {
			delete(s.turns, name)
		}
	}
}

// checkName refuses what is no name directly under the folder.
func checkName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return refusal(400, "a file has a name")
	case strings.ContainsAny(name, "/\x00"):
		return refusal(400, "a file name holds neither / nor NUL")
	case strings.HasPrefix(name, incoming):
		return refusal(403, "names that start with "+incoming+" are taken")
	}
	return nil
}

// open opens the regular file with the name.
func (s *store) open(name string) (*os.File, fs.FileInfo, error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	// O_NONBLOCK, because to open a named pipe would wait for its writer.
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, storeError(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		f.Close()
		return nil, nil, refusal(404, "no such file")
	}
	return f, info, nil
}

// storeError tells what the client may know of a failed open.
func storeError(err error) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENAMETOOLONG),
		errors.Is(err, syscall.ENXIO): // a socket
		return refusal(404, "no such file")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ELOOP):
		return refusal(403, "the file is not to be read")
	case errors.As(err, &errno):
		return err
	default: // os.Root has no exported error for what leads outside
		return refusal(403, "the name leads outside the folder")
	}
}

// An upload is a new version of a file that nobody sees yet.
type upload struct {
	file   *os.File
	opaque string // set by seal
}

// receive lets fill write a new version. discard ends it, kept or not.
func (s *store) receive(fill func(io.Writer) error) (*upload, error) {
	file, err := os.CreateTemp(s.dir, incoming+"*")
	if err != nil {
		return nil, diskError(err)
	}
	u := &upload{file: file}
	digest := sha256.New()
	if err := fill(io.MultiWriter(file, digest)); err != nil {
		u.discard()
		return nil, diskError(err)
	}
	u.opaque = opaqueTag(digest.Sum(nil))
	if err := errors.Join(file.Chmod(0o644), file.Sync()); err != nil {
		u.discard()
		return nil, diskError(err)
	}
	return u, nil
}

// discard removes an upload; one that was kept has its new name already, and
// there is nothing left to remove.
func (u *upload) discard() {
	u.file.Close()
	os.Remove(u.file.Name())
}

// keep gives the upload its name. A rename is all or nothing, also for those
// who read at this moment and after a crash; it replaces a link, and does not
// follow it. The name is one segment, so it cannot lead out of the folder.
func (s *store) keep(u *upload, name string) error {
	err := os.Rename(u.file.Name(), filepath.Join(s.dir, name))
	switch {
	case errors.Is(err, syscall.ENAMETOOLONG):
		return refusal(400, "the name is longer than the file system's")
	case errors.Is(err, syscall.EISDIR), errors.Is(err, fs.ErrExist):
		return refusal(409, "the name is that of a folder")
	}
	return err
}

// remove deletes a file.
func (s *store) remove(name string) error {
	if err := s.root.Remove(name); err != nil {
		return storeError(err)
	}
	return nil
}

func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &statusError{code: 507, why: "there is no room for the file", closes: true}
	}
	return err
}

// digest reads a file to its end, and then goes back to its start, to name
// its content. Size and time would be cheaper, but two changes within a tick
// of the file system's clock could share them, and a strong tag must not.
func digest(f *os.File) (opaque string, err error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	return opaqueTag(hash.Sum(nil)), nil
}

func opaqueTag(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:18]) }
