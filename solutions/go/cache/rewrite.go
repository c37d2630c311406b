package main

import (
	"bufio"
	"log"
	"os"
	"path/filepath"
	"strconv"
)

const (
	rewriteName = "appendonly.new"
	rewriteSize = 1 << 20 // logs below it are left as they are
	chunkWords  = 1000    // of one command
	chunkOctets = 1 << 20
)

// tidy replaces a log that is mostly history by one that only says how it
// ended. The new one takes the name of the old when it is whole and flushed, so
// that a crash leaves one of the two.
func (c *cache) tidy(file *os.File, size int64) (*os.File, error) {
	if size < rewriteSize || size < 2*c.keys.memory {
		return file, nil
	}
	path := filepath.Join(c.settings.folder, rewriteName)
	fresh, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := c.writeAll(fresh); err != nil {
		return nil, err
	}
	if err := os.Rename(path, file.Name()); err != nil {
		return nil, err
	}
	log.Printf("the log of %d octets was written anew", size)
	return fresh, file.Close()
}

// writeAll writes what makes every key what it is, and flushes.
func (c *cache) writeAll(file *os.File) error {
	r := &rewriter{out: bufio.NewWriterSize(file, 1<<20)}
	for _, kept := range c.keys.entries.items {
		r.entry(kept.value)
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	return file.Sync()
}

// A rewriter writes records of one command. An error of its writer stays, and
// the last flush has it.
type rewriter struct {
	out    *bufio.Writer
	record []byte
	words  [][]byte // of the command that grows
	octets int
}

func (r *rewriter) entry(e *entry) {
	key := []byte(e.key)
	switch v := e.value.(type) {
	case text:
		r.add("SET", key, v)
	case *deque:
		for i := range v.length {
			r.add("RPUSH", key, v.at(i))
		}
	case *hash:
		for _, field := range v.fields.items {
			r.add("HSET", key, []byte(field.key), field.value)
		}
	case *members:
		for _, member := range v.items {
			r.add("SADD", key, []byte(member.key))
		}
	case *sortedSet:
		for n := v.head.next(); n != nil; n = n.next() {
			r.add("ZADD", key, []byte(formatScore(n.score)), []byte(n.member))
		}
	}
	r.end()
	if e.ends != 0 {
		r.add("PEXPIREAT", key, strconv.AppendInt(nil, e.ends, 10))
		r.end()
	}
}

// add lets the command grow, up to a bound.
func (r *rewriter) add(name string, key []byte, words ...[]byte) {
	if len(r.words) == 0 {
		r.words = append(r.words, []byte(name), key)
	}
	r.words = append(r.words, words...)
	for _, word := range words {
		r.octets += len(word)
	}
	if len(r.words) >= chunkWords || r.octets >= chunkOctets {
		r.end()
	}
}

func (r *rewriter) end() {
	if len(r.words) == 0 {
		return
	}
	r.record = appendCommand(append(r.record[:0], make([]byte, headSize)...), r.words...)
	finishRecord(r.record)
	r.out.Write(r.record)
	r.words, r.octets = r.words[:0], 0
}
