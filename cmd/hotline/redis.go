package main

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// sentinelScheme begins a --redis that names sentinels instead of a server.
const sentinelScheme = "sentinel://"

// redisTimeout is how long one step of talking to Redis may take: it only speeds things
// up, and whoever waits for it must not wait long.
const redisTimeout = time.Second

// readRedis reads --redis: host:port, or the sentinels that know which server is the
// master now, sentinel://host:port,host:port,.../name. The name is empty for the former.
func readRedis(where string) (hosts []string, master string, err error) {
	rest, watched := strings.CutPrefix(where, sentinelScheme)
	if !watched {
		if err := hostPort(where); err != nil {
			return nil, "", fmt.Errorf("--redis: %w, nor %shost:port,host:port/name", err, sentinelScheme)
		}
		return []string{where}, "", nil
	}
	rest, master, _ = strings.Cut(rest, "/")
	if master == "" || strings.Contains(master, "/") {
		return nil, "", fmt.Errorf("--redis: %q does not end in /name, the master's as the sentinels have it", where)
	}
	hosts = strings.Split(rest, ",")
	for _, h := range hosts {
		if err := hostPort(h); err != nil {
			return nil, "", fmt.Errorf("--redis: sentinel %w", err)
		}
	}
	return hosts, master, nil
}

// openRedis makes the client for --redis. It does not connect. A context's end ends a
// command too, or a slow Redis would cost a text each try's time.
func openRedis(where string) (*redis.Client, error) {
	hosts, master, err := readRedis(where)
	if err != nil {
		return nil, err
	}
	if master == "" {
		return redis.NewClient(&redis.Options{Addr: hosts[0], DialTimeout: redisTimeout,
			ReadTimeout: redisTimeout, WriteTimeout: redisTimeout, MaxRetries: 1, ContextTimeoutEnabled: true}), nil
	}
	return redis.NewFailoverClient(&redis.FailoverOptions{SentinelAddrs: hosts, MasterName: master, DialTimeout: redisTimeout,
		ReadTimeout: redisTimeout, WriteTimeout: redisTimeout, MaxRetries: 1, ContextTimeoutEnabled: true}), nil
}

// hostPort says what is wrong with an address.
func hostPort(addr string) error {
	if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
		return fmt.Errorf("%q is not host:port", addr)
	}
	return nil
}
