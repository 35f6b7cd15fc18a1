package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"hotline/cmd/rig"
)

// upFlags are the flags of `hotline up`.
type upFlags struct {
	profile       string
	offset        int
	demo          bool
	dev           bool
	dieWithParent bool
	bind          string
	allow         []string
	drain         time.Duration
	runDir        string
}

// newUpCommand is what `make run` and `make demo` start: the hotline and everything it
// needs, as children of one process that stops them all.
func newUpCommand() *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "启动 Redis、Asterisk、模拟运营商和热线 / start everything on this machine; Ctrl-C stops it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return up(cmd.Context(), cmd.OutOrStdout(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", envOr("HOTLINE_PROFILE", "zz"), "hotline to run: zz, sq, kf, zq, xz")
	flags.IntVar(&f.offset, "port-offset", 0, "added to every port, so that two checkouts run side by side")
	flags.BoolVar(&f.demo, "demo", false, "then play a citizen's day and end")
	flags.BoolVar(&f.dev, "dev", false, "the clock can be moved over HTTP; --demo implies it")
	flags.StringVar(&f.bind, "bind", envOr("HOTLINE_BIND", "127.0.0.1"), "address SIP and RTP listen on (HOTLINE_BIND)")
	flags.StringSliceVar(&f.allow, "allow", listed(envOr("HOTLINE_ALLOW", "")), "addresses and networks whose calls are taken (HOTLINE_ALLOW; default all when bound to a private address, else private networks)")
	flags.DurationVar(&f.drain, "drain", 30*time.Second, "how long live calls may go on after Ctrl-C")
	flags.StringVar(&f.runDir, "run-dir", os.Getenv("HOTLINE_RUN_DIR"), "folder for everything that is written (default .run of the checkout)")
	flags.BoolVar(&f.dieWithParent, "die-with-parent", false, "stop when the starting process ends; for make")
	return cmd
}

// up runs the rig until ctx ends, the terminal closes, a part dies or the demo is over.
func up(ctx context.Context, out io.Writer, f upFlags) error {
	if f.dieWithParent {
		// Whatever happens to make, the Ctrl-C it would have passed on still comes.
		if _, _, no := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0); no != 0 {
			return fmt.Errorf("follow the parent process: %w", no)
		}
	}
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer cancel()
	r, unlock, err := prepare(out, f)
	if err != nil {
		return err
	}
	defer unlock()
	finished := make(chan struct{})
	defer close(finished)
	r.Hurry = secondSignal(ctx, finished)

	r.Say("启动 / starting")
	if err := r.Start(ctx); err != nil {
		if ctx.Err() != nil {
			r.Say("已停止 / stopped")
			return nil
		}
		return err
	}
	writeBanner(out, r)
	err = serveUntil(ctx, out, r, f.demo)
	r.Say("停止中,再按一次 Ctrl-C 立即结束 / stopping; Ctrl-C again ends it at once")
	r.Stop()
	r.Say("已停止,没有留下进程 / stopped, no process is left")
	return err
}

// prepare takes this checkout's lock, looks at the ports and renders the configuration.
func prepare(out io.Writer, f upFlags) (*rig.Rig, func(), error) {
	repo, err := checkout()
	if err != nil {
		return nil, nil, err
	}
	if f.runDir == "" {
		f.runDir = filepath.Join(repo, ".run")
	}
	dir, err := filepath.Abs(f.runDir)
	if err != nil {
		return nil, nil, err
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return nil, nil, err
	}
	r, err := prepareLocked(rig.Config{
		Repo: repo, Dir: dir, Sounds: filepath.Join(repo, ".cache", "sounds"), Bind: f.bind, Allow: f.allow,
		Dev: f.dev || f.demo, Drain: f.drain, Password: os.Getenv("HOTLINE_ADMIN_PASSWORD"),
		Env: unlimited(f.demo),
		Say: func(line string) { fmt.Fprintln(out, line) },
	}, f)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return r, unlock, nil
}

// unlimited lets the one citizen of the demo call as often as the story has it.
func unlimited(demo bool) []string {
	if demo {
		return []string{"HOTLINE_CALLER_LIMIT=off"}
	}
	return nil
}

func prepareLocked(c rig.Config, f upFlags) (*rig.Rig, error) {
	var err error
	if c.House, err = rigHouse(f.profile, c.Sounds); err != nil {
		return nil, err
	}
	if c.Ports, err = rig.PortsAt(f.offset); err != nil {
		return nil, err
	}
	if err := c.Ports.Check(c.Bind); err != nil {
		return nil, err
	}
	return rig.New(c)
}

// rigHouse is what the rig has to know of a hotline.
func rigHouse(profile, sounds string) (rig.House, error) {
	h, err := loadHouse(settings{Profile: profile, Deploy: os.Getenv("HOTLINE_DEPLOY"), Sounds: sounds})
	if err != nil {
		return rig.House{}, err
	}
	return rig.House{ID: profile, Profile: h.profile, Roster: h.roster, Prompts: h.prompts, Keys: menuKeys(h.flow)}, nil
}

// checkout finds the folder with go.mod and the programs, upwards from here.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".cache", "bin")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no .cache/bin here or above: start with make run")
		}
	}
}

// lockDir makes sure that one rig at a time uses dir. The kernel gives the lock back
// when the process ends, however it ends.
func lockDir(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "up.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		f.Close()
		return nil, fmt.Errorf("这里已在运行 / already running here (pid %s): stop it, or use another checkout with PORT_OFFSET=100",
			strings.TrimSpace(string(pid)))
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintln(os.Getpid()))); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// secondSignal is closed by a signal that comes while the first one is being obeyed.
func secondSignal(ctx context.Context, finished <-chan struct{}) <-chan struct{} {
	hurry := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-finished:
			return
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(again)
		select {
		case <-again:
			close(hurry)
		case <-finished:
		}
	}()
	return hurry
}

// serveUntil returns when it is time to stop: nil when asked to or when the demo went
// well, an error when a part died or the demo failed.
func serveUntil(ctx context.Context, out io.Writer, r *rig.Rig, demo bool) error {
	var played <-chan struct{}
	var player *rig.Process
	if demo {
		var err error
		if player, err = play(out, r); err != nil {
			return err
		}
		defer player.Kill()
		played = player.Gone
	}
	select {
	case <-ctx.Done():
		return nil
	case p := <-r.Died():
		fmt.Fprintf(out, "\n%s 意外结束 / ended unexpectedly: %s\n%s\n(%s)\n", p.Name, p.Ended(), p.LastLines(20), p.Log)
		return fmt.Errorf("%s ended unexpectedly: %s: %w", p.Name, p.Ended(), errReported)
	case <-played:
		if player.Code() != 0 {
			return fmt.Errorf("demo: %s: %w", player.Ended(), errReported)
		}
		return nil
	}
}

// play runs `hotline demo` beside the rig. It finds everything by its environment.
func play(out io.Writer, r *rig.Rig) (*rig.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	cmd := exec.Command(self, "demo")
	cmd.Dir = r.Repo
	cmd.Env = r.Environ()
	cmd.Stdout, cmd.Stderr = out, out
	return rig.Launch("demo", cmd, "")
}
