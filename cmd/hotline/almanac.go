package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
)

// calendarEvery is how often every controller looks whether a year's file came.
const calendarEvery = 3 * time.Second

// almanac keeps the working calendar of all controllers the same: each brings the files it
// was started with into SQL, and all count by what is there (T9, T10). A file that comes
// while they run is brought by SIGHUP or by the console to one of them.
type almanac struct {
	office *dispatch.Office
	store  dispatch.Reader
	deploy string
	node   string
	ahead  func() []console.Part
	clock  *clock
	log    *slog.Logger
	owed   atomic.Bool // what is open is still to be counted again
}

func newAlmanac(a *app) *almanac {
	return &almanac{office: a.office, store: a.store, deploy: a.set.Deploy, node: a.set.Node, ahead: a.foresight,
		clock: a.clock, log: a.log.With("part", "calendar")}
}

// Run follows the calendar until ctx ends. While SQL is away it stays as it is.
func (m *almanac) Run(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	bring, wrong := true, ""
	for {
		err := m.step(ctx, bring)
		bring = bring && err != nil
		if words := fmt.Sprint(err); err != nil && words != wrong && ctx.Err() == nil {
			wrong = words
			m.log.Warn("the calendar is not followed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			bring, wrong = true, ""
		case <-m.clock.After(calendarEvery):
		}
	}
}

// step brings this controller's own files, where that is still to be done, and follows.
func (m *almanac) step(ctx context.Context, bring bool) error {
	if bring {
		if err := m.bring(ctx, "node:"+m.node); err != nil {
			return err
		}
	}
	changed, err := m.office.FollowCalendar(ctx)
	if err != nil {
		return err
	}
	if changed || bring {
		m.owed.Store(true)
	}
	if !m.owed.Swap(false) {
		return nil
	}
	n, err := m.office.Recount(ctx)
	if err != nil {
		m.owed.Store(true)
	}
	if n > 0 {
		m.log.Info("deadlines were counted again", "orders", n)
	}
	for _, p := range m.ahead() {
		if !p.Up {
			m.log.Warn("look ahead", "what", p.Name, "detail", p.Detail)
		}
	}
	return err
}

// bring reads the folder and adopts what is new in it.
func (m *almanac) bring(ctx context.Context, by string) error {
	files, err := deployed(m.deploy)
	if err != nil {
		return err
	}
	days, err := fs.Sub(files, "calendar")
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	c, err := calendar.Load(days)
	if err != nil {
		return fmt.Errorf("%w: %w", err, dispatch.ErrInvalid)
	}
	var years []calendar.Year
	for _, year := range c.Years() {
		y, _ := c.Year(year)
		years = append(years, y)
	}
	return m.adopt(ctx, by, years...)
}

func (m *almanac) adopt(ctx context.Context, by string, years ...calendar.Year) error {
	news, err := m.office.Adopt(ctx, by, years...)
	if len(news) > 0 { // one line: on a new database there are twenty
		var taken []int
		for _, e := range news {
			taken = append(taken, e.Year)
		}
		m.log.Info("calendar", "years", taken, "by", by)
	}
	return err
}

// Years is part of console.Calendar.
func (m *almanac) Years(ctx context.Context) ([]console.CalendarYear, error) {
	editions, err := m.store.CalendarYears(ctx)
	if err != nil {
		return nil, err
	}
	c := m.office.Calendar()
	var list []console.CalendarYear
	for _, e := range editions {
		v := console.CalendarYear{Year: e.Year, Edition: e.Edition, Workdays: workdaysOf(c, e.Year), At: e.At, By: e.By}
		y, _ := c.Year(e.Year)
		for _, n := range y.Notices {
			v.Notices = append(v.Notices, n.String())
		}
		list = append(list, v)
	}
	return list, nil
}

// Load is part of console.Calendar.
func (m *almanac) Load(ctx context.Context, by, file string) error {
	y, err := calendar.ReadYear([]byte(file))
	if err != nil {
		return fmt.Errorf("%w: %w", err, dispatch.ErrInvalid)
	}
	if err := m.adopt(ctx, by, y); err != nil {
		return err
	}
	return m.step(ctx, false)
}

// Reload is part of console.Calendar.
func (m *almanac) Reload(ctx context.Context, by string) error {
	if err := m.bring(ctx, by); err != nil {
		return err
	}
	return m.step(ctx, false)
}

// workdaysOf counts a year's.
func workdaysOf(c *calendar.Calendar, year int) int {
	last := time.Date(year, 12, 31, 0, 0, 0, 0, dispatch.Place)
	n, _ := c.Between(last.AddDate(-1, 0, 0), last)
	return n
}
