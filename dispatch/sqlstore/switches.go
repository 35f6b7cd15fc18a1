package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
)

// What may be wanted of a Switch.
const (
	SwitchServing  = "serving"
	SwitchDraining = "draining" // no new calls
	SwitchRemoved  = "removed"  // the same, and no controller any more once it has no calls
)

// Switch is one Asterisk as it is wanted; every controller reads them and does so.
type Switch struct {
	Name     string
	URL      string // of its HTTP server
	User     string
	Password string
	Dir      string // its own folder, where it is on the controller's machine
	Want     string
	Since    time.Time // when that was wanted
}

var switches = table[Switch]{"switches", columns("name url account password dir want since"),
	func(s *Switch) []any {
		return []any{&s.Name, &s.URL, &s.User, &s.Password, &s.Dir, &s.Want, (*stamp)(&s.Since)}
	}}

// Switches lists all there ever were by name, those removed too.
func (s *Store) Switches(ctx context.Context) ([]Switch, error) {
	all, err := many(s.reader(ctx), switches, "ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list switches: %w", err)
	}
	return all, nil
}

// SeedSwitch writes an Asterisk that a controller is started with. It wins over what is
// kept of its address, but one that is being drained stays so.
func (s *Store) SeedSwitch(ctx context.Context, sw Switch) error {
	sw.Want = SwitchServing
	_, err := s.writer(ctx).exec(switches.insertSQL(`ON CONFLICT (name) DO UPDATE SET url = excluded.url, account = excluded.account,
		password = excluded.password, dir = excluded.dir,
		since = CASE WHEN switches.want = 'removed' THEN excluded.since ELSE switches.since END,
		want = CASE WHEN switches.want = 'removed' THEN excluded.want ELSE switches.want END`), switches.fields(&sw)...)
	if err != nil {
		return fmt.Errorf("keep switch %s: %w", sw.Name, err)
	}
	return nil
}

// AddSwitch adds an Asterisk that is to serve. A name that is in use is
// dispatch.ErrConflict; that of one removed is free.
func (s *Store) AddSwitch(ctx context.Context, sw Switch) error {
	sw.Want = SwitchServing
	n, err := s.writer(ctx).exec(switches.insertSQL(`ON CONFLICT (name) DO UPDATE SET url = excluded.url, account = excluded.account,
		password = excluded.password, dir = excluded.dir, want = excluded.want, since = excluded.since
		WHERE switches.want = 'removed'`), switches.fields(&sw)...)
	return saved(n, err, dispatch.ErrConflict, "switch "+sw.Name)
}

// WantSwitch says what is wanted of an Asterisk from now on; one that is not there or is
// removed is dispatch.ErrNotFound. To want the same again changes nothing.
func (s *Store) WantSwitch(ctx context.Context, name, want string, now time.Time) error {
	return s.tx(ctx, func(t *tx) error {
		sw, err := one(t.conn, switches, "WHERE name = ? AND want <> ?"+t.dialect.hold, name, SwitchRemoved)
		if errors.Is(err, errNoRow) {
			return fmt.Errorf("switch %s: %w", name, dispatch.ErrNotFound)
		}
		if err != nil || sw.Want == want {
			return err
		}
		sw.Want, sw.Since = want, now
		_, err = t.exec(switches.updateSQL(""), switches.updateArgs(&sw)...)
		return err
	})
}
