package windows

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/sms/survey"
)

// All windows open at one moment, and so all end at one. Ahead of it stands the clock of
// whoever has to find them open, or all over.
var opened = time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)

const (
	day     = 24 * time.Hour
	opening = time.Hour
	over    = day + time.Hour
)

// task is what a controller has to do.
type task struct {
	Redis      string
	Ahead      time.Duration // of its clock, of the moment all windows opened, when it begins
	First, End int           // the numbers of the surveys that are open
	DB         string        // as of sqlstore.Open; empty: a list of ids
}

func idOf(n int) string    { return fmt.Sprintf("01KB%022d", n) }
func phoneOf(n int) string { return fmt.Sprintf("1%010d", 3_800_000_000+n) }
func orderOf(n int) string { return fmt.Sprintf("ZZ20261127-%05d-7", n) }

func windowOf(n int) survey.Window {
	return survey.Window{ID: idOf(n), Phone: phoneOf(n), Slot: "07", Order: orderOf(n % 100_000), OpenedAt: opened, Deadline: opened.Add(day)}
}

// clock says the task's time.
func (t task) clock() func() time.Time {
	began := time.Now()
	return func() time.Time { return opened.Add(t.Ahead).Add(time.Since(began)) }
}

func (t task) windows(client redis.UniversalClient) (*survey.Windows, error) {
	return survey.New(survey.Config{Redis: client, Secret: []byte("the secret of this bench"), Now: t.clock(), Timeout: 10 * time.Second})
}

// Poll is a controller: it is ready when it says so, goes when it hears "go", says what
// it was given to settle, and ends with its input.
func Poll(ctx context.Context, text []byte, in io.Reader, out io.Writer) (err error) {
	var t task
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	client := redis.NewClient(&redis.Options{Addr: t.Redis})
	defer client.Close()
	w, err := t.windows(client)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	src, sink, finish, err := t.record(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finish()) }()
	lines := bufio.NewScanner(in)
	if _, err := fmt.Fprintln(out, `"ready"`); err != nil || !lines.Scan() {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { _ = w.Run(ctx, src, sink) }) // it never fails
	lines.Scan()                                     // until the parent closes
	stop()
	return nil
}

// record is what plays SQL.
func (t task) record(ctx context.Context, out io.Writer) (survey.Source, survey.Sink, func() error, error) {
	if t.DB == "" {
		l := &list{first: t.First, end: t.End, out: json.NewEncoder(out)}
		return l, l, func() error { return nil }, nil
	}
	store, err := sqlstore.Open(ctx, t.DB)
	if err != nil {
		return nil, nil, nil, err
	}
	office, err := t.office(store)
	if err != nil {
		return nil, nil, nil, errors.Join(err, store.Close())
	}
	return office, office, store.Close, nil
}

// office is the whole of what decides about surveys.
func (t task) office(store *sqlstore.Store) (*dispatch.Office, error) {
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	if err != nil {
		return nil, err
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		return nil, err
	}
	return dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: t.clock()}), nil
}

// list plays SQL: the surveys from first to end are open, and what it is given to settle
// it tells the process that counts.
type list struct {
	first, end int
	out        *json.Encoder
}

// OpenWindows is survey.Source. All end at once, so that they come by id.
func (l *list) OpenWindows(_ context.Context, after survey.Window, limit int) ([]survey.Window, error) {
	from := l.first
	if after.ID != "" {
		_, _ = fmt.Sscanf(after.ID, "01KB%d", &from) // it is one of ours
		from++
	}
	page := make([]survey.Window, 0, min(limit, max(0, l.end-from)))
	for n := from; n < l.end && len(page) < limit; n++ {
		page = append(page, windowOf(n))
	}
	return page, nil
}

// Closed is survey.Source.
func (l *list) Closed(_ context.Context, ids []string) (closed []string, err error) {
	low, high := idOf(l.first), idOf(l.end)
	for _, id := range ids {
		if cmp.Compare(id, low) < 0 || id >= high {
			closed = append(closed, id)
		}
	}
	return slices.Clip(closed), nil
}

// SettleAll is survey.Sink.
func (l *list) SettleAll(_ context.Context, all []survey.Settlement) ([]string, error) {
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.SurveyID
	}
	return nil, l.out.Encode(ids)
}
