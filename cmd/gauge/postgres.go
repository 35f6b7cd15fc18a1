package gauge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hotline/cmd/rig"
)

// Postgres is a server of our own that keeps what it commits through a power cut, as it
// comes: fsync and synchronous_commit are on.
type Postgres struct {
	*rig.Process
	port int
}

// StartPostgres makes an empty one below dir, which listens on a port of loopback. Stop it as
// any [rig.Process].
func StartPostgres(ctx context.Context, repo, dir string, port int) (*Postgres, error) {
	home := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(home, 0o777); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 { // the wrapper runs it as nobody
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(home, 0o777)); err != nil {
			return nil, err
		}
	}
	bin := filepath.Join(repo, ".cache", "bin")
	data := filepath.Join(home, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "hotline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir = home
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("postgres is not brought in (sh deploy/bring/bring.sh postgres): initdb: %w\n%s", err, out)
	}
	log := filepath.Join(dir, "postgres.log")
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", "", "-c", "listen_addresses=127.0.0.1", "-p", fmt.Sprint(port),
		"-c", "max_connections=100", "-c", "log_min_messages=warning")
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, file, file
	cmd.Env = append(os.Environ(), "HOTLINE_PDEATHSIG=INT") // giving up root clears what Launch asks for
	p, err := rig.Launch("postgres", cmd, log)
	if err != nil {
		return nil, err
	}
	d := &Postgres{p, port}
	if err := AwaitPort(ctx, p, port); err != nil {
		return nil, err
	}
	for { // it listens before it lets anybody in
		conn, err := pgx.Connect(ctx, d.url("postgres"))
		if err == nil {
			return d, conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// AwaitPort returns once a process listens on a port of loopback. It
// fails when the process ends, or after 20 seconds.
func AwaitPort(ctx context.Context, p *rig.Process, port int) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for !listens(ctx, rig.Local(port)) {
		select {
		case <-p.Gone:
			return fmt.Errorf("%s ended: %s", p.Name, p.LastLines(5))
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen: %w: %s", p.Name, context.Cause(ctx), p.LastLines(5))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// url leads to one of its databases.
func (d *Postgres) url(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User("hotline"), Host: rig.Local(d.port), Path: "/" + name, RawQuery: "sslmode=disable"}
	return u.String()
}

// connect waits until the server serves; it opens its port before that.
func (d *Postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	for {
		conn, err := pgx.Connect(ctx, d.url("postgres"))
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "57P03" {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, context.Cause(ctx))
		case <-d.Gone:
			return nil, fmt.Errorf("postgres ended: %s", d.LastLines(5))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Fresh makes an empty database and returns the URL of it.
func (d *Postgres) Fresh(ctx context.Context, name string) (string, error) {
	conn, err := d.connect(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return d.url(name), nil
}

// CPU is what all of its processes took so far, those that have ended included.
func (d *Postgres) CPU() time.Duration {
	total := FamilyTime(d.Pid())
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", d.Pid())) // the pattern is well-formed
	for _, list := range lists {
		text, _ := os.ReadFile(list) // none when it has ended
		for _, pid := range strings.Fields(string(text)) {
			total += CPUTime(number10(pid))
		}
	}
	return total
}

func number10(s string) (n int) {
	_, _ = fmt.Sscan(s, &n) // the kernel writes numbers
	return n
}

// listens asks whether somebody does.
func listens(ctx context.Context, addr string) bool {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}
