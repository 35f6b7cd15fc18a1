package redistest

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cluster is a Redis Cluster of masters without replicas.
type Cluster struct {
	Nodes []*Server
}

// slots is how many a cluster has.
const slots = 16384

// StartCluster starts masters that share the slots evenly and waits until all of them
// know that all slots are served.
func StartCluster(tb testing.TB, masters int) *Cluster {
	tb.Helper()
	c := &Cluster{}
	for range masters {
		c.Nodes = append(c.Nodes, start(tb, func() []string {
			return []string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tb.TempDir(), "--cluster-enabled", "yes", "--cluster-node-timeout", "60000"}
		}))
	}
	ctx := context.Background()
	host, port, _ := net.SplitHostPort(c.Nodes[0].Addr)
	for i, s := range c.Nodes {
		node := redis.NewClient(&redis.Options{Addr: s.Addr})
		defer node.Close()
		if err := node.ClusterAddSlotsRange(ctx, i*slots/masters, (i+1)*slots/masters-1).Err(); err != nil {
			tb.Fatalf("give slots to node %d: %v", i, err)
		}
		if i == 0 {
			continue
		}
		if err := node.ClusterMeet(ctx, host, port).Err(); err != nil {
			tb.Fatalf("node %d meets the first: %v", i, err)
		}
	}
	for _, s := range c.Nodes {
		c.ready(tb, s)
	}
	return c
}

// Client connects to the cluster; it is closed when the test ends.
func (c *Cluster) Client(tb testing.TB) *redis.ClusterClient {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{c.Nodes[0].Addr}, DialTimeout: patience,
		ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience})
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// ready waits until a node says that all slots are served, and knows all other nodes.
func (c *Cluster) ready(tb testing.TB, s *Server) {
	tb.Helper()
	node := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer node.Close()
	for deadline := time.After(startLimit); ; {
		shards, err := node.ClusterShards(context.Background()).Result()
		idle := slices.ContainsFunc(shards, func(s redis.ClusterShard) bool { return len(s.Slots) == 0 })
		info, errInfo := node.ClusterInfo(context.Background()).Result()
		if err == nil && errInfo == nil && len(shards) == len(c.Nodes) && !idle && len(info) > 0 && info[:16] == "cluster_state:ok" {
			return
		}
		select {
		case <-deadline:
			tb.Fatalf("the cluster does not come up: %v %v\n%s", shards, err, info)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
