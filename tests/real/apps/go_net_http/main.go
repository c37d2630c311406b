// The contract of http1 on Go's net/http: framing, limits, timeouts, conditions, ranges and the
// drain are the library's; the rest is small code.
//
//	PORT=8080 DATA_DIR=/tmp/files go run .
//
// Paths are taken apart here: http.ServeMux answers /files/../x with a redirect, which is its right
// for paths of its own and not what the contract asks.
//
// Left out: everything that net/http decides by itself. Where it decides otherwise than the
// specification, docs/KNOWN_DIFFERENCES.md says so.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	longestEcho   = 32 << 20
	longestBody   = 1 << 30
	longestTarget = 16 << 10
)

var (
	folder  = os.Getenv("DATA_DIR")
	root    *os.Root
	writing sync.Mutex
)

type resource map[string]http.HandlerFunc

func main() {
	var err error
	if root, err = os.OpenRoot(folder); err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(serve),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    100 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGTERM)
		<-told
		ended <- server.Shutdown(context.Background())
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	if len(r.RequestURI) > longestTarget {
		refuse(w, http.StatusRequestURITooLong)
		return
	}
	var segments []string
	for _, raw := range strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") {
		segment, err := url.PathUnescape(raw)
		if err != nil {
			refuse(w, http.StatusBadRequest)
			return
		}
		segments = append(segments, segment)
	}
	found := find(segments)
	if found == nil {
		refuse(w, http.StatusNotFound)
		return
	}
	handle := found[r.Method]
	if r.Method == http.MethodHead {
		handle = found[http.MethodGet] // the library leaves the content out
	}
	if handle == nil {
		w.Header().Set("Allow", allowed(found))
		refuse(w, http.StatusMethodNotAllowed)
		return
	}
	if r.ContentLength > longestBody {
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	handle(w, r)
}

func find(segments []string) resource {
	first, rest := segments[0], segments[1:]
	switch {
	case len(rest) == 0:
		return map[string]resource{
			"":        {"GET": home},
			"echo":    {"POST": echo},
			"headers": {"GET": headers},
			"slow":    {"GET": slow},
			"chunks":  {"GET": chunks},
		}[first]
	case len(rest) == 1 && first == "echo" && rest[0] != "":
		return resource{"GET": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			io.WriteString(w, rest[0])
		}}
	case len(rest) == 1 && first == "files":
		return resource{"GET": named(rest[0], read), "PUT": named(rest[0], write),
			"DELETE": named(rest[0], remove)}
	}
	return nil
}

func allowed(found resource) string {
	var methods []string
	for method := range found {
		methods = append(methods, method)
		if method == "GET" {
			methods = append(methods, "HEAD")
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

func refuse(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

func home(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "It answers.\n")
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestEcho))
	if err != nil {
		refuseBody(w, err)
		return
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Write(body)
}

func refuseBody(w http.ResponseWriter, err error) {
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Connection", "close")
	refuse(w, http.StatusBadRequest)
}

// headers names Host first: the library keeps it apart from the other fields.
func headers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "host: %s\n", r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			fmt.Fprintf(w, "%s: %s\n", strings.ToLower(name), value)
		}
	}
}

func number(w http.ResponseWriter, r *http.Request, name string) (int, bool) {
	value, err := strconv.ParseUint(r.URL.Query().Get(name), 10, 32)
	if err != nil || value > 10000 {
		refuse(w, http.StatusBadRequest)
		return 0, false
	}
	return int(value), true
}

func slow(w http.ResponseWriter, r *http.Request) {
	if wait, ok := number(w, r, "ms"); ok {
		time.Sleep(time.Duration(wait) * time.Millisecond)
		io.WriteString(w, "waited\n")
	}
}

func chunks(w http.ResponseWriter, r *http.Request) {
	count, ok := number(w, r, "n")
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	for i := range count {
		fmt.Fprintf(w, "chunk %d\n", i)
		http.NewResponseController(w).Flush()
	}
}

// Files.

// named refuses what cannot be the name of a file; os.Root refuses what leads out of the folder.
func named(name string, then func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			refuse(w, http.StatusBadRequest)
			return
		}
		then(w, r, name)
	}
}

// open opens a regular file; what else there may be under the name is not found.
func open(name string) (*os.File, fs.FileInfo, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

func refuseFile(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENAMETOOLONG) ||
		errors.Is(err, syscall.EISDIR) {
		refuse(w, http.StatusNotFound)
		return
	}
	refuse(w, http.StatusForbidden)
}

// tag: a rename brings another inode, so two changes within a tick of the clock differ, too.
func tag(info fs.FileInfo, coding string) string {
	inode := info.Sys().(*syscall.Stat_t).Ino
	return fmt.Sprintf(`"%x-%x-%x%s"`, inode, info.ModTime().UnixNano(), info.Size(), coding)
}

// read leaves conditions and ranges to http.ServeContent, which knows the tag by its field.
func read(w http.ResponseWriter, r *http.Request, name string) {
	file, info, err := open(name)
	if err != nil {
		refuseFile(w, err)
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", tag(info, ""))
	var content io.ReadSeeker = file
	if info.Size() >= 1024 && r.Header.Get("Range") == "" && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", tag(info, "-gzip"))
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := io.Copy(zip, file); err != nil {
			refuse(w, http.StatusInternalServerError)
			return
		}
		zip.Close()
		h.Set("Content-Length", strconv.Itoa(packed.Len()))
		content = bytes.NewReader(packed.Bytes())
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// stat is nil where there is no file.
func stat(name string) (fs.FileInfo, error) {
	file, info, err := open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return info, file.Close()
}

func write(w http.ResponseWriter, r *http.Request, name string) {
	upload, err := os.CreateTemp(filepath.Dir(folder), "upload-*")
	if err != nil {
		refuse(w, http.StatusInternalServerError)
		return
	}
	defer os.Remove(upload.Name())
	defer upload.Close()
	if _, err := io.Copy(upload, http.MaxBytesReader(w, r.Body, longestBody)); err != nil {
		refuseBody(w, err)
		return
	}
	writing.Lock()
	defer writing.Unlock()
	old, err := stat(name)
	if err != nil {
		refuseFile(w, err)
		return
	}
	if !holds(r, old) {
		refuse(w, http.StatusPreconditionFailed)
		return
	}
	if os.Rename(upload.Name(), filepath.Join(folder, name)) != nil {
		refuse(w, http.StatusConflict)
		return
	}
	if old != nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func remove(w http.ResponseWriter, r *http.Request, name string) {
	writing.Lock()
	defer writing.Unlock()
	old, err := stat(name)
	if err != nil {
		refuseFile(w, err)
		return
	}
	if old == nil {
		refuse(w, http.StatusNotFound)
		return
	}
	if !holds(r, old) {
		refuse(w, http.StatusPreconditionFailed)
		return
	}
	if err := root.Remove(name); err != nil {
		refuseFile(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// holds evaluates the conditions of a change, which net/http knows for reads only.
func holds(r *http.Request, old fs.FileInfo) bool {
	var tags []string
	if old != nil {
		tags = []string{tag(old, ""), tag(old, "-gzip")}
	}
	if match := strings.Join(r.Header.Values("If-Match"), ","); match != "" {
		if match == "*" {
			return old != nil
		}
		return slices.ContainsFunc(listed(match), func(t string) bool { return slices.Contains(tags, t) })
	}
	if none := strings.Join(r.Header.Values("If-None-Match"), ","); none != "" {
		if none == "*" {
			return old == nil
		}
		return !slices.ContainsFunc(listed(none), func(t string) bool {
			return slices.Contains(tags, strings.TrimPrefix(t, "W/"))
		})
	}
	return true
}

func listed(text string) []string {
	var tags []string
	for _, each := range strings.Split(text, ",") { // the tags made above hold no comma
		tags = append(tags, strings.TrimSpace(each))
	}
	return tags
}

func takesGzip(r *http.Request) bool {
	weights := map[string]float64{}
	for _, item := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighed := strings.Cut(strings.ToLower(item), ";")
		value := 1.0
		if weighed {
			value, _ = strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		}
		weights[strings.TrimSpace(coding)] = value
	}
	for _, coding := range []string{"gzip", "x-gzip", "*"} {
		if weight, given := weights[coding]; given {
			return weight > 0
		}
	}
	return false
}
