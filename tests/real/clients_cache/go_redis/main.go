// A session of go-redis: what a program does with a cache, and what came of it, a line each.
//
//	./session 6380 3            port, version of RESP
//	ping "PONG"
//
// What another server would answer otherwise for a good reason (ids, versions, an order that is none) is
// left out or sorted, so that the lines from two servers are the same.
//
// Left out: clusters, sentinels and scripts.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

func say(name string, values ...any) {
	for i, value := range values {
		if err, ok := value.(error); ok {
			values[i] = "error " + strings.SplitN(err.Error(), " ", 2)[0]
		}
	}
	text, err := json.Marshal(values)
	if err != nil {
		text = []byte(fmt.Sprint(values...)) // what JSON has no word for: an infinite score
	}
	fmt.Println(name, string(text))
}

// got is the value of a command, or its error.
func got[T any](value T, err error) any {
	if err != nil {
		return err
	}
	return value
}

func sorted(words []string, err error) any {
	sort.Strings(words)
	return got(words, err)
}

func greet(r *redis.Client) {
	say("ping", got(r.Ping(ctx).Result()))
	say("echo", got(r.Echo(ctx, "h\u00e9llo").Result()))
	id, err := r.ClientID(ctx).Result()
	say("id", id > 0, err == nil)
	say("config", got(r.ConfigGet(ctx, "maxmemory-policy").Result()))
	say("docs", len(r.Do(ctx, "COMMAND", "DOCS", "get").Args()))
	info, err := r.Info(ctx, "memory").Result()
	say("info", strings.Contains(info, "used_memory:"), err == nil)
	say("flush", got(r.FlushDB(ctx).Result()))
}

func values(r *redis.Client) {
	say("set", got(r.Set(ctx, "a", "v", time.Hour).Result()), got(r.SetNX(ctx, "a", "w", 0).Result()),
		got(r.SetXX(ctx, "a", "x", redis.KeepTTL).Result()), got(r.Get(ctx, "a").Result()))
	say("binary", got(r.Set(ctx, "\x00\xff", []byte("\r\n\x00\x80"), 0).Result()), []byte(r.Get(ctx, "\x00\xff").Val()))
	say("none", got(r.Get(ctx, "none").Result()), r.Get(ctx, "none").Err() == redis.Nil)
	left := r.TTL(ctx, "a").Val()
	say("ends", left > 50*time.Minute, left <= time.Hour, got(r.TTL(ctx, "none").Result()))
	say("lasts", got(r.Persist(ctx, "a").Result()), got(r.TTL(ctx, "a").Result()))
	say("counts", got(r.Incr(ctx, "n").Result()), got(r.IncrBy(ctx, "n", 9).Result()), got(r.DecrBy(ctx, "n", 3).Result()))
	say("errors", got(r.Incr(ctx, "a").Result()), got(r.LPush(ctx, "a", 1).Result()), got(r.Do(ctx, "NOSUCH").Result()))
	say("many", got(r.MSet(ctx, "b", 1, "c", 2).Result()), got(r.MGet(ctx, "b", "none", "c").Result()))
	say("getdel", got(r.GetDel(ctx, "b").Result()), got(r.Exists(ctx, "a", "b").Result()), got(r.Type(ctx, "a").Result()))
	say("args", got(r.SetArgs(ctx, "a", "y", redis.SetArgs{Get: true, KeepTTL: true}).Result()))
	for at := range 120 {
		r.Set(ctx, "scan:"+strconv.Itoa(at), at, 0)
	}
	found := []string{}
	for all := r.Scan(ctx, 0, "scan:*", 10).Iterator(); all.Next(ctx); {
		found = append(found, all.Val())
	}
	say("scan", sorted(found, nil))
	say("size", got(r.DBSize(ctx).Result()))
}

func structures(r *redis.Client) {
	say("list", got(r.RPush(ctx, "l", "a", "b", "c").Result()), got(r.LRange(ctx, "l", 0, -1).Result()),
		got(r.LPop(ctx, "l").Result()), got(r.RPopCount(ctx, "l", 5).Result()), got(r.LPop(ctx, "l").Result()))
	say("hash", got(r.HSet(ctx, "h", "f", 1, "g", "x").Result()), got(r.HGetAll(ctx, "h").Result()),
		got(r.HMGet(ctx, "h", "f", "none").Result()), got(r.HIncrBy(ctx, "h", "f", 2).Result()))
	say("sets", got(r.SAdd(ctx, "s", 1, 2, 3).Result()), got(r.SAdd(ctx, "t", 2, 3, 4).Result()),
		sorted(r.SInter(ctx, "s", "t").Result()), sorted(r.SMembers(ctx, "s").Result()),
		got(r.SIsMember(ctx, "s", 1).Result()))
	say("zadd", got(r.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "a"}, redis.Z{Score: 2.5, Member: "b"}).Result()))
	say("zrange", got(r.ZRangeWithScores(ctx, "z", 0, -1).Result()), got(r.ZScore(ctx, "z", "b").Result()),
		got(r.ZRank(ctx, "z", "b").Result()), got(r.ZRank(ctx, "z", "no").Result()))
	say("zargs", got(r.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
		Key: "z", Start: "-inf", Stop: "(2.5", ByScore: true, Rev: true, Count: 5}).Result()))
	say("zrank", got(r.ZRankWithScore(ctx, "z", "b").Result()), got(r.ZIncrBy(ctx, "z", 0.1, "a").Result()),
		got(r.ZCount(ctx, "z", "1", "+inf").Result()), got(r.ZRevRange(ctx, "z", 0, -1).Result()))
}

func together(r *redis.Client) {
	answers, err := r.Pipelined(ctx, func(p redis.Pipeliner) error {
		for at := range 500 {
			p.Set(ctx, "p:"+strconv.Itoa(at), at, 0)
			p.Incr(ctx, "p:"+strconv.Itoa(at))
		}
		return nil
	})
	say("pipeline", len(answers), err == nil, answers[999].(*redis.IntCmd).Val())
	answers, err = r.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "t", 1, 0)
		p.HGetAll(ctx, "h")
		p.Incr(ctx, "t")
		return nil
	})
	say("transaction", len(answers), err == nil, answers[1].(*redis.MapStringStringCmd).Val(), answers[2].(*redis.IntCmd).Val())
	err = r.Watch(ctx, func(tx *redis.Tx) error {
		r.Incr(ctx, "t") // on another connection of the pool
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error { p.Set(ctx, "t", "mine", 0); return nil })
		return err
	}, "t")
	say("disturbed", errors.Is(err, redis.TxFailedErr), got(r.Get(ctx, "t").Result()))
	var wait sync.WaitGroup
	for range 20 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 20 {
				r.Incr(ctx, "pooled")
			}
		}()
	}
	wait.Wait()
	say("pool", got(r.Get(ctx, "pooled").Result()))
}

func published(r *redis.Client) {
	listener, other := r.Subscribe(ctx, "news"), r.PSubscribe(ctx, "n?ws")
	defer listener.Close()
	defer other.Close()
	for _, each := range []*redis.PubSub{listener, other} {
		heard, err := each.Receive(ctx)
		say("subscribed", fmt.Sprint(heard), err == nil)
	}
	say("channels", sorted(r.PubSubChannels(ctx, "*").Result()), got(r.PubSubNumSub(ctx, "news", "none").Result()))
	say("sent", got(r.Publish(ctx, "news", "hello").Result()), got(r.Publish(ctx, "nobody", "x").Result()))
	for _, each := range []*redis.PubSub{listener, other} {
		say("message", got(each.ReceiveMessage(ctx)))
	}
	say("ping", got(listener.Ping(ctx, "still"), nil))
	heard, err := listener.Receive(ctx)
	say("pong", fmt.Sprint(heard), err == nil)
}

func main() {
	version, _ := strconv.Atoi(os.Args[2])
	r := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Args[1], Protocol: version, ClientName: "me"})
	defer r.Close()
	r.FlushAll(ctx)
	for _, part := range []func(*redis.Client){greet, values, structures, together, published} {
		part(r)
	}
	fmt.Println("done")
}
