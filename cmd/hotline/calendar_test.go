package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
)

func TestCalendarCommands(t *testing.T) {
	for _, tt := range []struct {
		name string
		args string
		want []string
	}{
		{"T3 a year with its notices", "show 2020", []string{"2020 年,工作日 249 天", "国办发明电〔2020〕1号", "2020-01-31 周五 春节", "2020-10-10 周六 国庆节调休"}},
		{"ZQ-11.1 day by day", "add 2026-02-13 2wd --profile zq", []string{"2026-02-13 周五 00:00 起算,当日不计 (T2)",
			"2026-02-14 周六 第1个工作日,春节调休", "2026-02-16 周一 休,春节", "2026-02-24 周二 第2个工作日", "2个工作日:2026-02-24 24:00 截止"}},
		{"T5 from a day off", "add 2026-10-01 2wd --profile zq", []string{"首个工作日为第1日 (T5)", "2026-10-09 24:00 截止"}},
		{"XZ-12.3.4 working hours", "add 2026-02-13T17:00 1wh --profile xz", []string{"2026-02-13 周五 工作时间 30 分钟", "2026-02-14 09:30 截止"}},
		{"T7 hours", "add 2026-02-13T17:00 24h", []string{"24小时:2026-02-14 17:00 截止"}},
		{"T6 days", "add 2026-02-12 7d", []string{"7日:2026-02-19 24:00 截止"}},
		{"T9 a missing year", "add 2026-12-30 2wd", []string{"2027-01-01 周五 第2个工作日,缺当年日历", "暂定:缺 [2027] 年日历"}},
		{"ZQ-12.2 before a deadline", "before 2023-10-08 2d --profile zq", []string{"2023-10-08 24:00 届满前 2日:最迟 2023-10-06 24:00", "当日休息,仍可提出 (T6)"}},
		{"long ones only where the calendar speaks", "add 2026-01-05 200wd", []string{"2026-02-14 周六 第30个工作日,春节调休", "第200个工作日"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := runCommand(t, newCalendarCommand(), strings.Fields(tt.args)...)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("missing: %s\nin: %s", want, out)
				}
			}
		})
	}
	for _, args := range []string{"show 2031", "show x", "add x 2wd", "add 2026-02-13 2w", "add 2026-02-13 2wd --profile yy", "load /nowhere"} {
		if out, err := runCommand(t, newCalendarCommand(), strings.Fields(args)...); err == nil {
			t.Errorf("%s: no error, %s", args, out)
		}
	}
}

// shelfOf is an almanac over a folder without 2026, on a database of its own.
func shelfOf(t *testing.T) (*almanac, *sqlstore.Store, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, deploy.Files); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "calendar", "2026.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	clk := newClock()
	clk.Set(time.Date(2026, 9, 30, 10, 0, 0, 0, dispatch.Place))
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: &calendar.Calendar{}, Now: clk.Now})
	return &almanac{office: office, store: store, deploy: dir, node: "one", ahead: func() []console.Part { return nil },
		clock: clk, log: slog.New(slog.NewTextHandler(io.Discard, nil))}, store, string(src)
}

// dueOf opens an order, or reads one again, and says its deadline.
func dueOf(t *testing.T, m *almanac, store *sqlstore.Store, number string) (string, string) {
	t.Helper()
	if number == "" {
		o, err := m.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Summary: "路灯", Actor: "agent:1"})
		if err != nil {
			t.Fatal(err)
		}
		number = o.Number
	}
	o, err := store.OrderBy(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	words := o.Due.Words()
	if o.Due.Provisional {
		words = "暂定" + words
	}
	return number, words
}

func TestT9_AYearIsLoadedWhileTheHotlineRuns(t *testing.T) {
	m, store, y2026 := shelfOf(t)
	if err := m.step(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	number, due := dueOf(t, m, store, "")
	if due != "暂定10月2日" {
		t.Errorf("without 2026 it is due on %s", due)
	}
	if err := m.Load(t.Context(), "admin", "year: 2026\nnotices: []\n"); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("a file without notices: %v", err)
	}
	if err := m.Load(t.Context(), "admin", y2026); err != nil {
		t.Fatal(err)
	}
	if _, due := dueOf(t, m, store, number); due != "10月9日" {
		t.Errorf("with 2026 it is due on %s", due)
	}
	years, err := m.Years(t.Context())
	if err != nil || len(years) != 21 {
		t.Fatalf("%d years, %v", len(years), err)
	}
	if last := years[20]; last.Year != 2026 || last.Edition != 1 || last.By != "admin" || last.Workdays != 248 || len(last.Notices) != 1 {
		t.Errorf("2026 is %+v", last)
	}
	if first := years[0]; first.Year != 2006 || first.By != "node:one" {
		t.Errorf("2006 is %+v", first)
	}
}

func TestT9_AYearIsReadAgainOnSIGHUP(t *testing.T) {
	m, store, y2026 := shelfOf(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	wait := func(years int) {
		t.Helper()
		for limit := time.Now().Add(time.Minute); len(m.office.Calendar().Years()) != years; {
			if time.Now().After(limit) {
				t.Fatalf("%d years, want %d", len(m.office.Calendar().Years()), years)
			}
			<-time.After(time.Millisecond)
		}
	}
	wait(20)
	number, _ := dueOf(t, m, store, "")
	if err := os.WriteFile(filepath.Join(m.deploy, "calendar", "2026.yaml"), []byte(y2026), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wait(21)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n, err := m.office.Recount(t.Context()); err != nil || n > 1 {
		t.Fatalf("recounted %d, %v", n, err)
	}
	if _, due := dueOf(t, m, store, number); due != "10月9日" {
		t.Errorf("it is due on %s", due)
	}
}
