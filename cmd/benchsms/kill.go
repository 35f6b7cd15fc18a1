package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"hotline/cmd/rig"
	"hotline/sms"
)

// killed is what one kill did.
type killed struct {
	Proto    string
	Seed     uint64 // of its moment
	At       int    // texts the carrier had then
	Lost     int    // texts that no handset got, or that SQL does not know to be delivered
	Doubled  int    // texts that a handset got twice
	Unmarked int    // of these, those not marked as possible repeats
	Marked   int    // texts marked so, most of which went once
}

// How a gateway is killed. Its policy is that of service, with a clock that runs ten times as
// fast: its claims run out after twelve seconds and not two minutes, and what is of unknown
// outcome is sent again after a minute and not ten, unless a receipt has told.
const (
	killHaste   = 10
	killLatency = 5 * time.Millisecond // of the carrier's answers, so that a window is always open
	killSpread  = 20 * time.Millisecond
	killAbreast = 40 // rounds at once: most of each is waiting
	killHeavy   = 3  // of these, those with more than killFew texts left
	killFew     = 300
	killWithin  = 10 * time.Minute
)

// allKills kills gateways over both protocols, some at a time.
func (b *stand) allKills(ctx context.Context, res *results) error {
	if res.o.Seed == 0 {
		res.o.Seed = uint64(time.Now().UnixNano())
	}
	fmt.Fprintf(b.progress, "kills: seed %d\n", res.o.Seed)
	type job struct {
		proto string
		seed  uint64
	}
	jobs := make(chan job)
	var mu sync.Mutex
	var errs []error
	var all sync.WaitGroup
	for range killAbreast {
		all.Go(func() {
			for j := range jobs {
				k, err := b.kill(ctx, j.proto, j.seed)
				mu.Lock()
				if err != nil {
					errs = append(errs, fmt.Errorf("kill with seed %d over %s: %w", j.seed, j.proto, err))
				} else {
					res.kills = append(res.kills, k)
				}
				fmt.Fprintf(b.progress, "kill %d: %s %v\n", len(res.kills)+len(errs), k, errors.Join(err))
				mu.Unlock()
			}
		})
	}
	for n := range res.o.Kills {
		for _, proto := range []string{overSMPP, overCMPP} {
			jobs <- job{proto, res.o.Seed + uint64(n)}
		}
	}
	close(jobs)
	all.Wait()
	return errors.Join(errs...)
}

// kill sends texts, kills their gateway while it does, starts it anew until all is done, and
// holds the carrier's record against SQL.
func (b *stand) kill(ctx context.Context, proto string, seed uint64) (k killed, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, killWithin, errShort)
	defer cancel()
	random := rand.New(rand.NewPCG(seed, uint64(len(proto)+int(proto[0]))))
	k = killed{Proto: proto, Seed: seed, At: 1 + random.IntN(b.o.Each-1)}
	dir, err := b.folder()
	if err != nil {
		return k, err
	}
	ports, err := rig.FreePorts()
	if err != nil {
		return k, err
	}
	task := gatewayTask{DB: filepath.Join(dir, "hotline.db"), Proto: proto, Addr: rig.Local(ports.SMPP), Haste: killHaste}
	if err := fill(ctx, task.DB, b.o.Each); err != nil {
		return k, err
	}
	b.heavy <- struct{}{}
	light := sync.OnceFunc(func() { <-b.heavy })
	defer light()
	carrier, err := startRole("carrier", carrierTask{Proto: proto, Addr: task.Addr, Latency: killLatency, Receipts: true}, filepath.Join(dir, "carrier.log"))
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, carrier.end()) }()
	if err := carrier.begin(ctx, "open"); err != nil {
		return k, err
	}
	if err := b.cutShort(ctx, task, carrier, cut{k.At, time.Duration(random.Int64N(int64(killSpread)))}); err != nil {
		return k, err
	}
	if err := b.finish(ctx, task, light); err != nil {
		return k, err
	}
	if err := carrier.say("record"); err != nil {
		return k, err
	}
	var record taken
	if err := carrier.hear(ctx, &record); err != nil {
		return k, err
	}
	return k, k.judge(ctx, task.DB, record)
}

// begin waits until a child is ready, and has it go; then is the word it says to that.
func (c *child) begin(ctx context.Context, then string) error {
	var word string
	if err := c.hear(ctx, &word); err != nil {
		return err
	}
	if err := c.say("go"); err != nil || then == "" {
		return err
	}
	return c.hear(ctx, &word)
}

// cut is the moment of a kill: so long after the carrier has so many texts.
type cut struct {
	at    int
	later time.Duration
}

// cutShort runs a gateway until its moment has come.
func (b *stand) cutShort(ctx context.Context, task gatewayTask, carrier *child, c cut) error {
	gateway, err := startRole("gateway", task, filepath.Join(filepath.Dir(task.DB), "gateway.log"))
	if err != nil {
		return err
	}
	defer gateway.cut()
	if err := gateway.begin(ctx, ""); err != nil {
		return err
	}
	if err := carrier.say(fmt.Sprint("after ", c.at)); err != nil {
		return err
	}
	var n int
	if err := carrier.hear(ctx, &n); err != nil {
		return err
	}
	rest(ctx, c.later)
	return nil
}

// finish runs a gateway until all texts are delivered; light is called when few are left.
func (b *stand) finish(ctx context.Context, task gatewayTask, light func()) (err error) {
	gateway, err := startRole("gateway", task, filepath.Join(filepath.Dir(task.DB), "gateway.log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gateway.end()) }()
	if err := gateway.begin(ctx, ""); err != nil {
		return err
	}
	for {
		left, err := count(ctx, task.DB, "SELECT COUNT(*) FROM texts WHERE status IN ('queued', 'sent')")
		if err != nil || left == 0 {
			return err
		}
		if left <= killFew {
			light()
		}
		select {
		case <-time.After(300 * time.Millisecond):
		case <-gateway.Gone:
			return fmt.Errorf("the gateway ended: %s", gateway.LastLines(5))
		case <-ctx.Done():
			return fmt.Errorf("%d texts are not through: %w", left, context.Cause(ctx))
		}
	}
}

// judge compares SQL with the carrier's record.
func (k *killed) judge(ctx context.Context, url string, record taken) error {
	db, err := openSQL(url)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT to_number, status, maybe_twice FROM texts")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var to, status string
		var marked bool
		if err := rows.Scan(&to, &status, &marked); err != nil {
			return err
		}
		if marked {
			k.Marked++
		}
		switch n := record[to]; {
		case n == 0 || status != string(sms.Delivered):
			k.Lost++
		case n > 1:
			k.Doubled += n - 1
			if !marked {
				k.Unmarked++
			}
		}
	}
	return rows.Err()
}

// String is the kill in one line.
func (k killed) String() string {
	return fmt.Sprintf("%s, seed %d, after %d texts: lost %d, doubled %d (unmarked %d), marked as possible repeats %d",
		k.Proto, k.Seed, k.At, k.Lost, k.Doubled, k.Unmarked, k.Marked)
}

// sum adds up the kills over a protocol, "" for all.
type sum struct{ kills, lost, doubled, unmarked, marked, worst int }

func (r *results) sum(proto string) (s sum) {
	for _, k := range r.kills {
		if proto == "" || k.Proto == proto {
			s.kills++
			s.lost, s.doubled, s.unmarked, s.marked = s.lost+k.Lost, s.doubled+k.Doubled, s.unmarked+k.Unmarked, s.marked+k.Marked
			s.worst = max(s.worst, k.Doubled)
		}
	}
	return s
}

func (r *results) killTable(b *strings.Builder) {
	if len(r.kills) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Killed\n\n`kill -9` with %d texts under way each, at a random moment (seeds from %d on), in SQLite.\n\n", r.o.Each, r.o.Seed)
	b.WriteString("| over | kills | texts | lost | came twice | of these unmarked | most at one kill | marked as possible repeats |\n|---|---|---|---|---|---|---|---|\n")
	for _, proto := range []string{overSMPP, overCMPP} {
		s := r.sum(proto)
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d | %d |\n", strings.ToUpper(proto), s.kills, s.kills*r.o.Each, s.lost, s.doubled, s.unmarked, s.worst, s.marked)
	}
}

func (r *results) killAims() []aim {
	if len(r.kills) == 0 {
		return nil
	}
	s := r.sum("")
	worst := max(r.sum(overSMPP).worst-windowSMPP, r.sum(overCMPP).worst-windowCMPP)
	return []aim{
		{fmt.Sprintf("%d kills: texts lost", s.kills), "0", fmt.Sprint(s.lost), s.lost == 0},
		{"texts that came twice without a mark", "0", fmt.Sprint(s.unmarked), s.unmarked == 0},
		{"texts that came twice, of one kill", "fewer than a window", fmt.Sprintf("at most %d (SMPP), %d (CMPP)", r.sum(overSMPP).worst, r.sum(overCMPP).worst), worst < 0},
	}
}
