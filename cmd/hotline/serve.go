package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"hotline/asterisk"
	"hotline/deploy/heap"
	"hotline/dispatch/crew"
	"hotline/ivr"
	"hotline/sms"
	"hotline/sms/survey"
)

// newServeCommand is the hotline itself, without the things it leans on.
func newServeCommand() *cobra.Command {
	var set settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "运行热线(需要 Asterisk、Redis 已在运行) / run the hotline beside a running Asterisk and Redis",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), cmd.ErrOrStderr(), set)
		},
	}
	set.bind(cmd.Flags())
	return cmd
}

// serve runs the hotline until ctx ends, and says the console's password if it made it.
func serve(ctx context.Context, out io.Writer, set settings) error {
	heap.Tune()
	if err := set.complete(); err != nil {
		return err
	}
	made := set.AdminPassword == ""
	if made {
		set.AdminPassword = rand.Text()[:10]
	}
	redis.SetLogger(quiet{}) // it would write to stderr past our log; we say ourselves when Redis is away
	level := slog.LevelInfo
	if set.Debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	if err := os.MkdirAll(set.RunDir, 0o750); err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	if made {
		fmt.Fprintf(out, "控制台一次性密码 / one-time console password: admin %s\n", set.AdminPassword)
	}
	for {
		a, err := newApp(ctx, set, newClock(), log)
		if err != nil {
			return err
		}
		err = a.Run(ctx)
		if anew(err) && ctx.Err() != nil {
			return nil // it was to stop, and others have what it left
		}
		if !anew(err) || errors.Is(err, crew.ErrNamesake) {
			return err
		}
		log.Error("other controllers have our calls; beginning anew", "node", set.Node, "err", err)
	}
}

// quiet is a logger of go-redis that says nothing.
type quiet struct{}

// Printf drops what it gets.
func (quiet) Printf(context.Context, string, ...any) {}

// gauges connects the metrics with the parts they read.
func (a *app) gauges() gauges {
	return gauges{
		Fleet:   func() asterisk.Stats { return a.tower.Stats() },
		Members: func() []asterisk.Member { return a.tower.List() },
		Gateway: func() sms.Stats { return a.gateway.Stats() },
		Links:   func() []sms.Health { return a.gateway.Links() },
		Redis:   func(ctx context.Context) error { return a.redis.Ping(ctx).Err() },
		SQL:     func(ctx context.Context) error { return a.store.Ping(ctx) },
		Trunks:  a.trunkStates,
		Desks:   func() []ivr.Desk { return a.desks.List() },
		Waiting: func() int { return a.desks.Waiting() },
		Kept:    func() int { return a.spool.Waiting() },
		Ahead:   a.foresight,
		Windows: func() survey.Drift { return a.windows.Drift() },
		Sweep:   a.office.SweepStood,
	}
}

// callID makes the id of a call of its channel's, which Asterisk makes of its own name, the
// second and a number: who takes over a call of which nothing is known writes the record that
// somebody else may have begun. A channel with another kind of name gets an id of its own.
func callID(channel string) string {
	second, err := strconv.ParseInt(lastNumber(channel), 10, 64)
	if err != nil || second <= 0 || second > maxSecond {
		return ulid.Make().String()
	}
	sum := sha256.Sum256([]byte(channel))
	return ulid.MustNew(uint64(second)*1000, bytes.NewReader(sum[:])).String()
}

// maxSecond is the last that an id has room for.
const maxSecond = 1<<48/1000 - 1

// lastNumber is the second in a channel's id: "asterisk-1795852302.197".
func lastNumber(channel string) string {
	before, _, _ := strings.Cut(channel, ".")
	return before[strings.LastIndex(before, "-")+1:]
}

// version is the commit the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 8 {
			return s.Value[:8]
		}
	}
	return info.Main.Version
}

// redact hides the password in a database URL.
func redact(db string) string {
	u, err := url.Parse(db)
	if err != nil {
		return "the database"
	}
	return u.Redacted()
}
