package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Where the red button sends every call.
const (
	RedUsual = "usual" // where the flow says
	RedDesks = "desks" // to the desks, whatever the hour; past menus
	RedDuty  = "duty"  // to the officers on duty
)

// RedRoutes are they, and RedWords how they read.
var (
	RedRoutes = []string{RedUsual, RedDesks, RedDuty}
	RedWords  = map[string]string{RedUsual: "按平时流程", RedDesks: "全线转人工", RedDuty: "全线转值班"}
)

// RedButton is how the red button was pressed: one switch for the whole hotline (ZQ-21.3,
// XZ-20). The last one pressed counts; each press is kept. The emergency key is above it.
type RedButton struct {
	Seq    int64 // 1 for the first press; 0 when it never was pressed
	At     time.Time
	Route  string // one of RedRoutes
	Prompt string // id of the announcement that everybody hears first; empty: none
	Text   string // or the announcement in words
	Reason string
	By     string // agent:admin
}

// On reports whether anything is other than usual.
func (r RedButton) On() bool {
	return r.Seq > 0 && (r.Route != RedUsual || r.Prompt != "" || r.Text != "")
}

// String says in Chinese what it does.
func (r RedButton) String() string {
	words := RedWords[RedUsual]
	if r.Seq > 0 {
		words = RedWords[r.Route]
	}
	if r.Prompt != "" || r.Text != "" {
		words += ",先播公告"
	}
	return words
}

// maxAnnouncement bounds an announcement in words: about a minute.
const maxAnnouncement = 200 // runes

// check tidies a press up and says what is wrong with it.
func (r *RedButton) check() error {
	r.Text, r.Reason, r.Prompt = strings.Join(strings.Fields(r.Text), " "), strings.TrimSpace(r.Reason), strings.TrimSpace(r.Prompt)
	switch {
	case !slices.Contains(RedRoutes, r.Route):
		return fmt.Errorf("route 应为 %s 之一: %w", strings.Join(RedRoutes, "、"), ErrInvalid)
	case r.Prompt != "" && r.Text != "":
		return fmt.Errorf("announcement 与 text 只能有一个: %w", ErrInvalid)
	case len([]rune(r.Text)) > maxAnnouncement:
		return fmt.Errorf("text 不超过 %d 字: %w", maxAnnouncement, ErrInvalid)
	case r.Reason == "" || len([]rune(r.Reason)) > maxReason:
		return fmt.Errorf("reason 必填,不超过 %d 字: %w", maxReason, ErrInvalid)
	}
	return nil
}

// PressRed presses the red button, or with RedUsual and no announcement lets it go
// (ZQ-21.3). Route, Reason and By are required. To press what is pressed changes nothing;
// of two who press in the same moment one gets ErrConflict.
func (o *Office) PressRed(ctx context.Context, r RedButton) (RedButton, error) {
	err := o.do(ctx, func(u *unit) error {
		if err := r.check(); err != nil {
			return err
		}
		was, err := u.Red()
		if err != nil {
			return err
		}
		if r.same(was) {
			r = was
			return nil
		}
		r.Seq, r.At = was.Seq+1, u.now
		if err := u.InsertRed(r); err != nil {
			return err
		}
		u.tell(NoticeRed, fmt.Sprint(r.Seq))
		return u.audit(Audit{Actor: r.By, Act: ActRed, Subject: "red", Text: r.String() + ":" + r.Reason})
	})
	if err != nil {
		return RedButton{}, fmt.Errorf("red button: %w", err)
	}
	o.log.Warn("red button", "seq", r.Seq, "route", r.Route, "announcement", r.Prompt, "text", r.Text != "", "by", r.By)
	return r, nil
}

// same reports whether a press changes nothing.
func (r RedButton) same(was RedButton) bool {
	if was.Seq == 0 {
		was.Route = RedUsual
	}
	return r.Route == was.Route && r.Prompt == was.Prompt && r.Text == was.Text
}

// RedReader reads how the red button was pressed last; the zero RedButton if it never was.
type RedReader interface {
	Red(ctx context.Context) (RedButton, error)
	// RedPresses lists presses, newest first.
	RedPresses(ctx context.Context, limit int) ([]RedButton, error)
}

// How the light follows SQL: a press counts everywhere within a second.
const (
	redEvery  = time.Second
	redBudget = time.Second
)

// RedLight is the red button as it stands, in memory: a call asks it without waiting for
// SQL. While SQL is away it stays as it was last. Safe for concurrent use.
type RedLight struct {
	reader RedReader
	log    *slog.Logger
	last   atomic.Pointer[RedButton]
	failed bool // SQL was away when it was asked last; Run's
}

// NewRedLight makes a light that is off until it has been refreshed.
func NewRedLight(r RedReader, log *slog.Logger) *RedLight { return &RedLight{reader: r, log: log} }

// Red is the button as it stands.
func (l *RedLight) Red() RedButton {
	if r := l.last.Load(); r != nil {
		return *r
	}
	return RedButton{}
}

// Refresh reads it anew. When it fails it stays as it was.
func (l *RedLight) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redBudget)
	defer cancel()
	r, err := l.reader.Red(ctx)
	for err == nil {
		was := l.last.Load()
		if was != nil && was.Seq >= r.Seq || l.last.CompareAndSwap(was, &r) {
			break // a slow read does not undo a later one
		}
	}
	return err
}

// Run refreshes it every second until ctx ends; after paces it.
func (l *RedLight) Run(ctx context.Context, after func(time.Duration) <-chan time.Time) error {
	for ctx.Err() == nil {
		err := l.Refresh(ctx)
		if failed := err != nil; failed != l.failed && ctx.Err() == nil {
			l.failed = failed
			l.log.Warn("red button", "known", !failed, "stands", l.Red().String(), "err", err)
		}
		select {
		case <-after(redEvery):
		case <-ctx.Done():
		}
	}
	return nil
}
