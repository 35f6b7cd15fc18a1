package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/dispatch/calendar"
)

// CalendarYear is one edition of a year's file. All of them are kept; the last one of a year
// is in force for every controller, so that none counts by an older one.
type CalendarYear struct {
	Year    int
	Edition int // from 1
	Digest  string
	Source  string // the file
	At      time.Time
	By      string // who brought it
}

// Adopt brings yearly files. One that says what an edition of its year said before is not
// new, even if it is not the last one: a controller that is behind brings nothing back. It
// returns the editions that are new; FollowCalendar lets them count.
func (o *Office) Adopt(ctx context.Context, by string, years ...calendar.Year) (news []CalendarYear, err error) {
	adopt := func(u *unit) error {
		news = nil
		for _, y := range years {
			known, err := u.CalendarYears(y.Year)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(known, func(k CalendarYear) bool { return k.Digest == y.Digest() }) {
				continue
			}
			edition := CalendarYear{Year: y.Year, Edition: len(known) + 1, Digest: y.Digest(), Source: y.Source, At: u.now, By: by}
			if err := u.InsertCalendarYear(edition); err != nil {
				return err
			}
			news = append(news, edition)
		}
		return nil
	}
	for range 3 { // of two controllers that bring one at the same moment, one looks again
		if err = o.do(ctx, adopt); !errors.Is(err, ErrConflict) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("adopt calendar: %w", err)
	}
	return news, nil
}

// FollowCalendar counts from now on by the editions in force, where that is not done yet,
// and says whether it changed anything. Years that SQL does not know stay as they were. Call
// it every few seconds, and Recount after a change.
func (o *Office) FollowCalendar(ctx context.Context) (changed bool, err error) {
	n, err := o.store.CalendarEditions(ctx)
	if err != nil {
		return false, fmt.Errorf("follow calendar: %w", err)
	}
	if int64(n) == o.editions.Load() {
		return false, nil
	}
	editions, err := o.store.CalendarYears(ctx)
	if err != nil {
		return false, fmt.Errorf("follow calendar: %w", err)
	}
	now := o.calendar()
	var years []calendar.Year
	for _, year := range now.Years() {
		y, _ := now.Year(year)
		years = append(years, y)
	}
	for _, e := range editions {
		y, err := calendar.ParseYear(fmt.Sprintf("%d.yaml", e.Year), []byte(e.Source))
		if err != nil {
			return false, fmt.Errorf("follow calendar: edition %d: %w", e.Edition, err)
		}
		years = append(years, y)
	}
	o.days.Store(o.policy.Calendar(calendar.New(years...)))
	o.editions.Store(int64(n))
	return true, nil
}

// Calendar is what deadlines are counted by at this moment.
func (o *Office) Calendar() *calendar.Calendar { return o.calendar() }
