package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
)

// shelf is a calendar of one year and those brought.
type shelf struct{ years []console.CalendarYear }

func (s *shelf) Years(context.Context) ([]console.CalendarYear, error) { return s.years, nil }

func (s *shelf) Load(_ context.Context, by, file string) error {
	y, err := calendar.ReadYear([]byte(file))
	if err != nil {
		return fmt.Errorf("%w: %w", err, dispatch.ErrInvalid)
	}
	s.years = append(s.years, console.CalendarYear{Year: y.Year, Edition: 1, By: by, Notices: []string{y.Notices[0].String()}})
	return nil
}

func (s *shelf) Reload(_ context.Context, by string) error {
	s.years = append(s.years, console.CalendarYear{Year: 2028, Edition: 1, By: by})
	return nil
}

func TestCalendar_T9(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	c.get("/calendar").want(t, 200, `"year":2026`)
	c.post("/calendar", map[string]any{"file": "year: 2027\nnotices: [{title: 通知, number: 一号, date: 2026-11-01}]\n"}).want(t, 200, `"year":2027`, "一号")
	c.post("/calendar", map[string]any{"file": "year: 2027\nnotices: []\n"}).want(t, 422, "2027.yaml: no notice is named", "[T9]")
	c.post("/calendar", map[string]any{"file": "{"}).want(t, 422, "[T9]")
	c.post("/calendar", map[string]any{"fill": ""}).want(t, 422, "file")
	c.post("/calendar/reload", map[string]any{}).want(t, 200, `"year":2028`)
	for _, path := range []string{"/calendar", "/calendar/reload"} {
		if a := b.guest().post(path, map[string]any{}); a.status != 401 {
			t.Errorf("a stranger posts to %s: %d", path, a.status)
		}
	}
	if a := c.get("/calendar"); strings.Count(a.body, `"year"`) != 3 {
		t.Errorf("years: %s", a.body)
	}
}
