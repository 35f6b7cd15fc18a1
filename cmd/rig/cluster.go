package rig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"hotline/asterisk/conf"
)

// Cluster says how many there are of each part. The zero value is the rig of `make run`:
// one controller without a name, one Asterisk, one Redis and SQLite.
type Cluster struct {
	Nodes    []string // names of the controllers
	Switches int      // Asterisks
	Sentinel bool     // a Redis master, two replicas and three Sentinels over them
	Postgres bool     // in place of SQLite
	Events   bool     // each Asterisk writes down what its channels do
	// Through gives the address by which a part reaches another that listens on addr, so
	// that something may stand between them; nil: addr itself.
	Through func(from, to, addr string) string
}

// part is one process of the rig, and how to see that it is ready.
type part struct {
	name       string
	controller bool
	command    func() *exec.Cmd
	ready      func(context.Context) bool
}

// How many keep watch over Redis, and how many of them have to agree.
const (
	redises   = 3
	sentinels = 3
	quorum    = 2
	// MasterName is what the Sentinels call the Redis that takes writes.
	MasterName = "hotline"
)

// nth names the ith part of a kind; the first is named after the kind alone.
func nth(kind string, i int) string {
	if i == 0 {
		return kind
	}
	return fmt.Sprintf("%s-%d", kind, i+1)
}

// controller names a node's part.
func controller(node string) string {
	if node == "" {
		return Hotline
	}
	return Hotline + "-" + node
}

// place gives every part its address: the known ones of Ports, and free ones for what a
// single rig does not have.
func (r *Rig) place() error {
	c := &r.Cluster
	if len(c.Nodes) == 0 {
		c.Nodes = []string{""}
	}
	c.Switches = max(1, c.Switches)
	if c.Through == nil {
		c.Through = func(_, _, addr string) string { return addr }
	}
	r.at[Redis], r.at[Carrier] = Local(r.Ports.Redis), Local(r.Ports.CarrierWeb)
	r.at[controller(c.Nodes[0])] = Local(r.Ports.HTTP)
	var more []string
	for _, n := range c.Nodes[1:] {
		more = append(more, controller(n))
	}
	if c.Sentinel {
		for i := range sentinels {
			more = append(more, nth(Sentinel, i))
		}
		for i := 1; i < redises; i++ {
			more = append(more, nth(Redis, i))
		}
	}
	if c.Postgres {
		more = append(more, Postgres)
	}
	free, err := freeAddrs(len(more) + 2*(c.Switches-1))
	if err != nil {
		return err
	}
	for i, name := range more {
		r.at[name] = free[i]
	}
	return r.placeSwitches(free[len(more):])
}

// placeSwitches renders every Asterisk, with a share of RTP's ports for each.
func (r *Rig) placeSwitches(free []string) error {
	sip, ari := r.Ports.SIP, r.Ports.ARI
	for i := range r.Cluster.Switches {
		if i > 0 {
			sip, ari = portOf(free[2*i-2]), portOf(free[2*i-1])
		}
		s, err := asteriskConfig(r.Config, nth(Asterisk, i))
		if err != nil {
			return err
		}
		share := 10000 / r.Cluster.Switches
		s.SIPPort, s.ARIPort = sip, ari
		if r.Cluster.Switches > 1 {
			s.Name, s.Recordings = nth(Asterisk, i), filepath.Join(r.Dir, "recordings")
		}
		s.RTPStart, s.RTPEnd = 10000+i*share, 9999+(i+1)*share
		s.Calls = r.Calls
		if err := os.MkdirAll(s.Dir, 0o755); err != nil {
			return fmt.Errorf("run folder: %w", err)
		}
		s = conf.Defaults(s)
		if err := conf.Render(s); err != nil {
			return err
		}
		r.at[nth(Asterisk, i)] = net.JoinHostPort(r.Bind, fmt.Sprint(sip))
		r.Switches = append(r.Switches, s)
	}
	r.Asterisk = r.Switches[0]
	return nil
}

// plan lists the parts: what controllers lean on, then the controllers.
func (r *Rig) plan() error {
	r.add(Carrier, r.carrier, answers(r.at[Carrier], "/"))
	for i, s := range r.Switches {
		r.add(nth(Asterisk, i), func() *exec.Cmd { return r.program("asterisk", "-f", "-C", conf.Main(s.Dir)) }, asteriskReady(s))
	}
	several := 1
	if r.Cluster.Sentinel {
		several = redises
	}
	for i := range several {
		r.add(nth(Redis, i), func() *exec.Cmd { return r.redis(i) }, accepts(r.at[nth(Redis, i)]))
		if err := r.redisFile(i); err != nil {
			return err
		}
	}
	if r.Cluster.Sentinel {
		for i := range sentinels {
			r.add(nth(Sentinel, i), func() *exec.Cmd { return r.sentinel(i) }, accepts(r.at[nth(Sentinel, i)]))
			if err := r.sentinelFile(i); err != nil {
				return err
			}
		}
	}
	if r.Cluster.Postgres {
		if err := r.initPostgres(); err != nil {
			return err
		}
		r.add(Postgres, r.postgres, accepts(r.at[Postgres]))
	}
	secret := rand.Text()
	for _, n := range r.Cluster.Nodes {
		name := controller(n)
		r.parts = append(r.parts, part{name, true, func() *exec.Cmd { return r.serve(n) }, answers(r.at[name], "/readyz")})
		if len(r.Cluster.Nodes) > 1 {
			err := errors.Join(os.MkdirAll(r.nodeDir(n), 0o755), os.WriteFile(filepath.Join(r.nodeDir(n), "secret"), []byte(secret), 0o600))
			if err != nil {
				return fmt.Errorf("run folder: %w", err)
			}
		}
	}
	return nil
}

func (r *Rig) add(name string, command func() *exec.Cmd, ready func(context.Context) bool) {
	r.parts = append(r.parts, part{name: name, command: command, ready: ready})
}

// nodeDir is a controller's own folder; a single one has the rig's.
func (r *Rig) nodeDir(node string) string {
	if len(r.Cluster.Nodes) == 1 {
		return r.Dir
	}
	return filepath.Join(r.Dir, controller(node))
}

// through is where one part finds another.
func (r *Rig) through(from, to string) string { return r.Cluster.Through(from, to, r.at[to]) }

// redisFile writes what a Redis starts with: it keeps what it was told through a crash (a
// second at most is lost) and refuses rather than forgets when memory ends. All but the
// first begin as its replicas; from then on it is the Sentinels who write in this file which
// one is the master, so that one that was it does not come back as the replica of its own.
func (r *Rig) redisFile(i int) error {
	name := nth(Redis, i)
	dir := filepath.Join(r.Dir, name)
	text := fmt.Sprintf("bind 127.0.0.1\nport %d\ndir %s\nappendonly yes\nappendfsync everysec\nsave \"\"\nmaxmemory-policy noeviction\n",
		portOf(r.at[name]), strconv.Quote(dir))
	if r.Cluster.Sentinel {
		text += fmt.Sprintf("replica-announce-ip 127.0.0.1\nreplica-announce-port %d\n", portOf(r.through("", name)))
	}
	if i > 0 {
		text += fmt.Sprintf("replicaof 127.0.0.1 %d\n", portOf(r.through(name, Redis)))
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "redis.conf"), []byte(text), 0o600)); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

func (r *Rig) redis(i int) *exec.Cmd {
	return r.program("redis-server", filepath.Join(r.Dir, nth(Redis, i), "redis.conf"))
}

// sentinelFile writes what a Sentinel starts with; it keeps what it learns in the same
// file.
func (r *Rig) sentinelFile(i int) error {
	dir := filepath.Join(r.Dir, nth(Sentinel, i))
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %d %d\n"+
		"sentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 6000\n",
		portOf(r.at[nth(Sentinel, i)]), dir, MasterName, portOf(r.through("", Redis)), quorum, MasterName, MasterName)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "sentinel.conf"), []byte(text), 0o600)); err != nil {
		return fmt.Errorf("sentinel: %w", err)
	}
	return nil
}

func (r *Rig) sentinel(i int) *exec.Cmd {
	return r.program("redis-server", filepath.Join(r.Dir, nth(Sentinel, i), "sentinel.conf"), "--sentinel")
}

// redisURL is how a controller finds Redis.
func (r *Rig) redisURL(from string) string {
	if !r.Cluster.Sentinel {
		return r.through(from, Redis)
	}
	var all []string
	for i := range sentinels {
		all = append(all, r.through(from, nth(Sentinel, i)))
	}
	return "sentinel://" + strings.Join(all, ",") + "/" + MasterName
}

// DatabaseURL is how a part finds PostgreSQL, past whatever stands between for from "".
func (r *Rig) DatabaseURL(from string) string {
	addr := r.at[Postgres]
	if from != "" {
		addr = r.through(from, Postgres)
	}
	u := url.URL{Scheme: "postgres", User: url.User("hotline"), Host: addr, Path: "/postgres", RawQuery: "sslmode=disable"}
	return u.String()
}

// initPostgres makes an empty database.
func (r *Rig) initPostgres() error {
	dir := filepath.Join(r.Dir, Postgres)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	if os.Geteuid() == 0 { // the wrapper runs it as nobody
		for d := dir; d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
			mode := os.FileMode(0o755)
			if d == dir {
				mode = 0o777
			}
			if err := os.Chmod(d, mode); err != nil {
				return fmt.Errorf("run folder: %w", err)
			}
		}
	}
	cmd := r.program("initdb", "-D", filepath.Join(dir, "data"), "-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// postgres keeps every commit through a crash of its own, not through one of the machine.
func (r *Rig) postgres() *exec.Cmd {
	dir := filepath.Join(r.Dir, Postgres)
	cmd := r.program("postgres", "-D", filepath.Join(dir, "data"), "-k", "", "-c", "listen_addresses=127.0.0.1",
		"-p", fmt.Sprint(portOf(r.at[Postgres])), "-c", "fsync=off", "-c", "max_connections=100", "-c", "log_min_messages=warning")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOTLINE_PDEATHSIG=INT") // giving up root clears what Launch asks for
	return cmd
}
