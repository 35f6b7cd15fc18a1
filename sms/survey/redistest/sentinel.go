package redistest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Watched is a master with a replica, and three sentinels that promote the replica a
// second after the master fell silent.
type Watched struct {
	Master, Replica *Server
	Sentinels       []*Server
}

// MasterName is what the sentinels call the master.
const MasterName = "hotline"

// StartWatched starts all five and waits until the sentinels know of each other and of
// the replica, and so could replace the master.
func StartWatched(tb testing.TB) *Watched {
	tb.Helper()
	w := &Watched{Master: Start(tb)}
	host, port := "127.0.0.1", w.Master.port
	w.Replica = start(tb, func() []string {
		return []string{"--bind", host, "--save", "", "--dir", tb.TempDir(), "--replicaof", host + " " + port, "--repl-diskless-sync-delay", "0"}
	})
	for range 3 {
		w.Sentinels = append(w.Sentinels, start(tb, func() []string {
			file := filepath.Join(tb.TempDir(), "sentinel.conf")
			text := fmt.Sprintf("bind %s\nsentinel monitor %s %s %s 2\nsentinel down-after-milliseconds %[2]s 1000\nsentinel failover-timeout %[2]s 5000\n",
				host, MasterName, host, port)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				tb.Fatal(err)
			}
			return []string{file, "--sentinel"}
		}))
	}
	for _, s := range w.Sentinels {
		w.ready(s)
	}
	return w
}

// Addr is the whole as --redis wants it.
func (w *Watched) Addr() string {
	var hosts []string
	for _, s := range w.Sentinels {
		hosts = append(hosts, s.Addr)
	}
	return "sentinel://" + strings.Join(hosts, ",") + "/" + MasterName
}

// ready waits until one sentinel sees the other two, and a replica that is linked.
func (w *Watched) ready(s *Server) {
	s.tb.Helper()
	c := redis.NewSentinelClient(&redis.Options{Addr: s.Addr})
	defer c.Close()
	ctx := context.Background()
	for deadline := time.After(startLimit); ; {
		master, err := c.Master(ctx, MasterName).Result()
		replicas, errReplicas := c.Replicas(ctx, MasterName).Result()
		if err == nil && errReplicas == nil && master["num-other-sentinels"] == "2" && len(replicas) == 1 &&
			replicas[0]["master-link-status"] == "ok" && replicas[0]["flags"] == "slave" {
			return
		}
		select {
		case <-deadline:
			s.tb.Fatalf("the sentinels do not find each other: %v %v: %v %v", master, replicas, err, errReplicas)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
