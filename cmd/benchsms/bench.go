package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"hotline/cmd/benchsms/windows"
	"hotline/cmd/gauge"
)

// results is everything a report tells.
type results struct {
	o       options
	machine gauge.Machine
	began   time.Time
	took    time.Duration
	fast    []cell // without latency, beside Kannel
	smpp    []cell // at the limit of one link
	cmpp    []cell // at the limit of one and more
	windows []windows.Cell
	kills   []killed
}

// bench measures and writes the report. progress hears about every round.
func bench(ctx context.Context, o options, progress io.Writer) (err error) {
	if o.Repo == "" {
		if o.Repo, err = gauge.Checkout(); err != nil {
			return err
		}
	}
	res := results{o: o, machine: gauge.LookAround(o.Repo), began: time.Now()}
	b, err := openStand(ctx, o, progress)
	if err != nil {
		return err
	}
	defer b.close()
	all := map[string]func(context.Context, *results) error{
		partKannel: b.besideKannel, partLimit: b.atLimit, partWindows: b.allWindows, partKills: b.allKills,
	}
	for _, part := range parts {
		if !slices.Contains(o.Parts, part) {
			continue
		}
		if err := all[part](ctx, &res); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // half a report would be a wrong one
	}
	res.machine.LoadAfter, res.took = gauge.Load(), time.Since(res.began)
	return gauge.WriteSection(o.Out, gauge.Texts, res.report())
}

// besideKannel lets all contenders run as fast as they can, in turns; who begins changes.
func (b *stand) besideKannel(ctx context.Context, res *results) error {
	for round := range b.o.Rounds {
		for _, c := range b.o.turns(round) {
			m, err := b.round(ctx, c, setup{Proto: overSMPP, Links: 1, Texts: b.o.Texts, Round: round + 1, Patience: 5 * time.Minute})
			if err != nil {
				return err
			}
			fmt.Fprintf(b.progress, "round %d, %s\n", round+1, m)
			res.fast = append(res.fast, m)
		}
	}
	return nil
}

// turns are those who take part, in the order of a round.
func (o options) turns(round int) []contender {
	var all []contender
	for i := range contenders {
		if c := contenders[(i+round)%len(contenders)]; slices.Contains(o.Against, c.Key) {
			all = append(all, c)
		}
	}
	return all
}

// The windows.
const (
	windowSMPP = 10
	windowCMPP = 16
)

// atLimit gives the carrier's answers their latency, and so each link a limit that is its
// own: window by round trip.
func (b *stand) atLimit(ctx context.Context, res *results) error {
	trips := max(1, int(b.o.For/b.o.Latency))
	for round := range b.o.Rounds {
		for _, c := range b.o.turns(round) {
			m, err := b.round(ctx, c, setup{Proto: overSMPP, Links: 1, Latency: b.o.Latency, Texts: windowSMPP * trips,
				Round: round + 1, Patience: 10*b.o.For + time.Minute})
			if err != nil {
				return err
			}
			fmt.Fprintf(b.progress, "round %d, SMPP at %s, %s\n", round+1, b.o.Latency, m)
			res.smpp = append(res.smpp, m)
		}
		for _, links := range []int{1, 2, 4} {
			m, err := b.round(ctx, contenders[0], setup{Proto: overCMPP, Links: links, Latency: b.o.Latency, Texts: windowCMPP * links * trips,
				Round: round + 1, Patience: 10*b.o.For + time.Minute})
			if err != nil {
				return err
			}
			fmt.Fprintf(b.progress, "round %d, CMPP at %s, %d links, %s\n", round+1, b.o.Latency, links, m)
			res.cmpp = append(res.cmpp, m)
		}
	}
	return nil
}

// sqlShare is how many windows there are over a database for each in Redis alone.
const sqlShare = 50

// allWindows measures the survey windows, in Redis alone and over those databases that take
// part.
func (b *stand) allWindows(ctx context.Context, res *results) (err error) {
	dir, err := b.folder()
	if err != nil {
		return err
	}
	databases := map[string]string{}
	for _, c := range b.o.turns(0) {
		switch c.Name {
		case nameSQLite:
			databases["SQLite"] = filepath.Join(dir, "hotline.db")
		case namePostgres:
			db, err := b.postgres(ctx)
			if err != nil {
				return err
			}
			if databases["PostgreSQL"], err = db.Fresh(ctx, b.name()); err != nil {
				return err
			}
		}
	}
	res.windows, err = windows.Measure(ctx, windows.Config{Repo: b.o.Repo, Dir: dir, Windows: b.o.Open, Rounds: b.o.Rounds, Controllers: 3,
		Databases: databases, SQLWindows: max(1, b.o.Open/sqlShare), Progress: b.progress})
	return err
}

// String is the cell in one line.
func (m cell) String() string {
	return fmt.Sprintf("%-20s %6.0f texts/s, CPU %.3f ms a text, of it %.3f ms the database server's; not delivered: %d",
		m.Contender, m.Rate, m.CPU.Seconds()*1000, m.DB.Seconds()*1000, m.Left)
}
