// Package windows measures the survey windows in Redis: how much memory one takes, how
// fast they open and are answered, how long it takes until a million that end at once are
// settled by three controllers, and until all are back when Redis was emptied.
//
// Redis is a real one, on loopback, keeping an append-only file as in service. The
// controllers are processes of their own that run what `hotline serve` runs of this,
// [survey.Windows.Run]. In the cells of a million SQL's part is played by a list of ids,
// in the process that measures, which counts how often each survey was settled; further
// cells have SQLite and PostgreSQL and the whole office beneath, at a size that they can
// do in the time.
package windows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/cmd/rig"
	"hotline/sms/survey"
)

// Config says what to measure.
type Config struct {
	Repo        string // root of the checkout
	Dir         string // an empty folder on a disk
	Windows     int    // how many are open at once
	Rounds      int    // the report shows medians and ranges
	Controllers int
	// Databases are SQL stores by name, empty ones, as of sqlstore.Open, to be measured
	// beneath with SQLWindows surveys.
	Databases  map[string]string
	SQLWindows int
	Progress   io.Writer
}

// Cell is one round, or one database.
type Cell struct {
	Store     string        // what was beneath
	Windows   int           // opened
	Bytes     float64       // of Redis for each open window
	Opens     float64       // a second
	Replies   float64       // a second
	Rebuilt   time.Duration // from FLUSHALL until all were back
	Back      int           // windows that were back
	Early     int           // settled before they were over
	Settled   time.Duration // from the moment all were over until SQL had all
	Due       int           // how many that were
	SettledOf int           // surveys that were settled
	MoreOften int           // surveys that SQL was offered more than once; it took each once
}

// Measure runs all cells. The program has to play Poll when it is started with
// RoleVariable set to Role.
func Measure(ctx context.Context, c Config) ([]Cell, error) {
	var cells []Cell
	for round := range c.Rounds {
		cell, err := c.round(ctx)
		if err != nil {
			return cells, fmt.Errorf("windows, round %d: %w", round+1, err)
		}
		fmt.Fprintf(c.Progress, "windows, round %d: %s\n", round+1, cell)
		cells = append(cells, cell)
	}
	for name, url := range c.Databases {
		cell, err := c.overSQL(ctx, name, url)
		if err != nil {
			return cells, fmt.Errorf("windows over %s: %w", name, err)
		}
		fmt.Fprintf(c.Progress, "windows: %s\n", cell)
		cells = append(cells, cell)
	}
	return cells, nil
}

// String is the cell in one line.
func (c Cell) String() string {
	return fmt.Sprintf("%s: %d windows, %.0f bytes each, %.0f opens/s, %.0f replies/s; %d back after FLUSHALL in %s, %d early; "+
		"%d of %d settled in %s, %d offered more than once", c.Store, c.Windows, c.Bytes, c.Opens, c.Replies,
		c.Back, c.Rebuilt.Round(time.Millisecond), c.Early, c.SettledOf, c.Due, c.Settled.Round(time.Millisecond), c.MoreOften)
}

// listName is what plays SQL in the cells of a million.
const listName = "a list of ids"

// lanes is how many texts are in hand at once, as with some links to carriers; the client
// puts what they ask of Redis at the same time into one pipeline.
const lanes = 256

// round measures everything once in an empty Redis.
func (c Config) round(ctx context.Context) (cell Cell, err error) {
	cell = Cell{Store: listName, Windows: c.Windows}
	s, err := c.startRedis(ctx)
	if err != nil {
		return cell, err
	}
	defer s.stop()
	pipelined, err := s.client.AutoPipeline()
	if err != nil {
		return cell, err
	}
	defer pipelined.Close()
	t := task{Redis: s.addr, Ahead: opening}
	w, err := t.windows(pipelined)
	if err != nil {
		return cell, err
	}
	if err := w.Rebuild(ctx, &list{}); err != nil {
		return cell, err
	}
	before := s.memory(ctx)
	if cell.Opens, err = rate(c.Windows, func(n int) error { return w.Open(ctx, windowOf(n)) }); err != nil {
		return cell, err
	}
	cell.Bytes = float64(s.memory(ctx)-before) / float64(c.Windows)
	answered := c.Windows / 5
	if cell.Replies, err = rate(answered, func(n int) error { return answer(ctx, w, n) }); err != nil {
		return cell, err
	}
	t.First, t.End = answered, c.Windows
	if err := c.flush(ctx, s, t, &cell); err != nil {
		return cell, err
	}
	return cell, c.settle(ctx, s, t, &cell)
}

// answer rates one window.
func answer(ctx context.Context, w *survey.Windows, n int) error {
	v, err := w.Reply(ctx, survey.Reply{TextID: "T" + idOf(n), Phone: phoneOf(n), Slot: "07", Text: "2", At: opened.Add(opening)})
	if err == nil && (v.Kind != survey.Rated || v.Window.ID != idOf(n)) {
		err = fmt.Errorf("answer %d was found %+v", n, v)
	}
	return err
}

// rate does something n times on all lanes and says how often that was a second.
func rate(n int, do func(int) error) (float64, error) {
	began := time.Now()
	errs := make([]error, lanes)
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			for i := lane; i < n && errs[lane] == nil; i += lanes {
				errs[lane] = do(i)
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(began).Seconds(), errors.Join(errs...)
}

// flush empties Redis beside idle controllers and waits until all buckets are warm again.
func (c Config) flush(ctx context.Context, s *server, t task, cell *Cell) error {
	team, err := c.gather(ctx, t)
	if err != nil {
		return err
	}
	defer team.end()
	team.say("go")
	if err := s.client.FlushAll(ctx).Err(); err != nil {
		return err
	}
	began := time.Now()
	for {
		epochs, back, err := s.count(ctx)
		if err != nil {
			return err
		}
		if epochs == 256 {
			cell.Rebuilt, cell.Back = time.Since(began), back
			break
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	cell.Early = len(team.count)
	return nil
}

// settle lets controllers begin at a moment when everything is over, and counts.
func (c Config) settle(ctx context.Context, s *server, t task, cell *Cell) error {
	t.Ahead = over
	team, err := c.gather(ctx, t)
	if err != nil {
		return err
	}
	defer team.end()
	cell.Due = t.End - t.First
	began := time.Now()
	team.say("go")
	if err := team.waitFor(ctx, cell.Due); err != nil {
		return err
	}
	cell.Settled = time.Since(began)
	team.mu.Lock()
	defer team.mu.Unlock()
	for _, n := range team.count {
		if cell.SettledOf++; n > 1 {
			cell.MoreOften++
		}
	}
	return nil
}

// server is a Redis of our own.
type server struct {
	*rig.Process
	addr   string
	client *redis.Client
}

// startRedis starts it empty, with the settings that `make run` gives it.
func (c Config) startRedis(ctx context.Context) (*server, error) {
	ports, err := rig.FreePorts()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(c.Dir, "redis")
	if err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "redis.log")
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.Command(filepath.Join(c.Repo, ".cache", "bin", "redis-server"), "--bind", "127.0.0.1", "--port", fmt.Sprint(ports.Redis),
		"--dir", dir, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction")
	cmd.Stdout, cmd.Stderr = file, file
	s := &server{addr: rig.Local(ports.Redis)}
	if s.Process, err = rig.Launch("redis", cmd, log); err != nil {
		return nil, fmt.Errorf("redis is not brought in (make parts): %w", err)
	}
	s.client = redis.NewClient(&redis.Options{Addr: s.addr})
	for s.client.Ping(ctx).Err() != nil {
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			s.stop()
			return nil, fmt.Errorf("redis does not answer: %w: %s", err, s.LastLines(5))
		}
	}
	return s, nil
}

func (s *server) stop() {
	s.client.Close()
	s.Stop(5*time.Second, nil)
}

// memory is what its data takes; 0 when it does not say.
func (s *server) memory(ctx context.Context) int64 {
	_, rest, _ := strings.Cut(s.client.Info(ctx, "memory").Val(), "used_memory:")
	line, _, _ := strings.Cut(rest, "\r\n")
	n, _ := strconv.ParseInt(line, 10, 64)
	return n
}

// count says how many buckets are warm and how many windows they have; each has a phone
// of its own here.
func (s *server) count(ctx context.Context) (epochs, windows int, err error) {
	pipe := s.client.Pipeline()
	var warm, due []*redis.IntCmd
	for n := range 256 {
		warm = append(warm, pipe.Exists(ctx, fmt.Sprintf("sv2:{%d}:epoch", n)))
		due = append(due, pipe.ZCard(ctx, fmt.Sprintf("sv2:{%d}:due", n)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, err
	}
	for n := range warm {
		epochs += int(warm[n].Val())
		windows += int(due[n].Val())
	}
	return epochs, windows, nil
}

// pause waits, or fails with ctx's end.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
