package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch/crew"
)

// A controller whose beat stands still in Redis is dead only if it does not say otherwise
// itself. Redis alone is a poor witness: while Sentinels move the master, some controllers
// may beat in the old one and some in the new, and each half takes the other for dead.
const (
	askFor    = 150 * time.Millisecond // a controller that lives answers sooner; whoever waits is a caller in silence
	keepWhere = time.Hour
)

// standing is what a controller says of itself at GET /crew.
type standing struct {
	Node  string `json:"node"`
	Token uint64 `json:"token"`
}

// tellStanding answers GET /crew. One that does not beat, or does not reach an Asterisk,
// does not speak for itself: its callers may need another.
func (a *app) tellStanding(w http.ResponseWriter, _ *http.Request) {
	if s := a.crew.Standing(); s == crew.Stale || s == crew.Replaced {
		http.Error(w, "out of step", http.StatusServiceUnavailable)
		return
	}
	for _, quiet := range a.tower.Quiet() {
		if quiet > strandedAfter {
			http.Error(w, "an Asterisk is out of reach", http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(standing{a.set.Node, a.crew.Token()}) // who asked may have left
}

// witnesses knows where the other controllers answer. Safe for concurrent use.
type witnesses struct {
	client http.Client
	mu     sync.Mutex
	where  map[string]string // addresses by node, as last read
}

// newWitnesses asks on connections of their own: a kept one may end at a process before.
func newWitnesses() *witnesses {
	return &witnesses{where: map[string]string{}, client: http.Client{Timeout: askFor, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// whereKey is where a controller answers.
func whereKey(node string) string { return "hotline:where:" + node }

// meet tells the others where this controller answers, and learns where they do.
func (a *app) meet(ctx context.Context, others []string) {
	words := a.redis.Pipeline()
	if where := whereReached(ctx, a.redis, a.set.HTTP); where != "" {
		words.Set(ctx, whereKey(a.set.Node), where, keepWhere)
	}
	asked := map[string]*redis.StringCmd{}
	for _, node := range others {
		asked[node] = words.Get(ctx, whereKey(node))
	}
	_, _ = words.Exec(ctx) // what is not there now was read before, or will be
	a.witnesses.mu.Lock()
	defer a.witnesses.mu.Unlock()
	for node, where := range asked {
		if where.Val() != "" {
			a.witnesses.where[node] = where.Val()
		}
	}
}

// whereReached is the address at which others reach what serves listen; empty when it cannot
// be told now. All addresses of a machine are none: the one Redis sees us come from is taken.
func whereReached(ctx context.Context, r *redis.Client, listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return listen
	}
	us, err := r.ClientInfo(ctx).Result()
	if err != nil {
		return ""
	}
	host, _, err = net.SplitHostPort(us.Addr)
	if err != nil {
		return "" // a Unix socket
	}
	return net.JoinHostPort(host, port)
}

// lives asks a controller itself whether it is the incarnation that is taken for dead. One
// that cannot be asked does not.
func (w *witnesses) lives(ctx context.Context, p crew.Peer) bool {
	w.mu.Lock()
	where := w.where[p.Node]
	w.mu.Unlock()
	if where == "" {
		return false
	}
	got, err := w.ask(ctx, where)
	return err == nil && got == standing{p.Node, p.Token}
}

func (w *witnesses) ask(ctx context.Context, where string) (got standing, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+where+"/crew", nil)
	if err != nil {
		return got, err
	}
	res, err := w.client.Do(req)
	if err != nil {
		return got, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return got, fmt.Errorf("%s from %s", res.Status, where)
	}
	return got, json.NewDecoder(io.LimitReader(res.Body, 1<<10)).Decode(&got)
}

// bury makes this controller the heir of those that are dead and do not say otherwise.
func (a *app) bury(ctx context.Context, dead []crew.Peer) {
	alive := make([]bool, len(dead))
	var asking sync.WaitGroup
	for i, p := range dead {
		asking.Go(func() { alive[i] = a.witnesses.lives(ctx, p) })
	}
	asking.Wait()
	for i, p := range dead {
		if alive[i] {
			a.log.Warn("a controller lives that does not beat where we do", "node", p.Node)
			continue
		}
		estate, err := a.crew.Bury(ctx, p)
		if err != nil {
			a.log.Warn("dead controller not buried", "node", p.Node, "err", err)
		}
		for _, dead := range estate {
			a.leavesTexts(ownerOf(dead.Node, strconv.FormatUint(dead.Token, 10)))
		}
	}
}
