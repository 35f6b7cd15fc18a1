package sqlstore

import (
	"context"
	"fmt"

	"hotline/dispatch"
)

var calendarYears = table[dispatch.CalendarYear]{"calendar_years", columns("year edition digest source at given_by"),
	func(y *dispatch.CalendarYear) []any {
		return []any{&y.Year, &y.Edition, &y.Digest, &y.Source, (*stamp)(&y.At), &y.By}
	}}

// CalendarYears is dispatch.YearTx.
func (t *tx) CalendarYears(year int) ([]dispatch.CalendarYear, error) {
	return many(t.conn, calendarYears, "WHERE year = ? ORDER BY edition", year)
}

// InsertCalendarYear is dispatch.YearTx.
func (t *tx) InsertCalendarYear(y dispatch.CalendarYear) error {
	n, err := t.exec(calendarYears.insertSQL("ON CONFLICT DO NOTHING"), calendarYears.fields(&y)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("calendar of %d, edition %d: %w", y.Year, y.Edition, dispatch.ErrConflict)
	}
	return err
}

// CalendarYears is dispatch.Reader.
func (s *Store) CalendarYears(ctx context.Context) ([]dispatch.CalendarYear, error) {
	return many(s.reader(ctx), calendarYears, `WHERE NOT EXISTS (SELECT 1 FROM calendar_years later
		WHERE later.year = calendar_years.year AND later.edition > calendar_years.edition) ORDER BY year`)
}

// CalendarEditions is dispatch.Reader.
func (s *Store) CalendarEditions(ctx context.Context) (n int, err error) {
	err = s.reader(ctx).row([]any{&n}, "SELECT COUNT(*) FROM calendar_years")
	return n, err
}
