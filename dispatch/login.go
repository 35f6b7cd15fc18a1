package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/sms"
)

// LogInPolicy is that units' people look every day at what was given to them (ZZ-7.2). The zero
// value asks for nothing.
type LogInPolicy struct {
	At Clock `yaml:"at"` // the time of day at which it is seen who did not; not given: nobody looks
	// EveryDay asks for days off too; else only those who have orders to handle are asked then.
	EveryDay bool   `yaml:"every_day"`
	Rule     string `yaml:"rule"`
}

// logIns lists, once for each day, the units of which nobody logged in (ZZ-7.2): an act for each,
// and their names for the leader on duty, in the morning where that is at night.
func (s *sweep) logIns(ctx context.Context) error {
	return s.daily(ctx, ActAbsences, s.policy.LogIn.At, func(ctx context.Context, _, at time.Time) error {
		absent, err := s.absent(ctx, at)
		if err != nil {
			return err
		}
		names, words := []string{}, ""
		for _, unit := range absent {
			names = append(names, unit.Name)
		}
		if len(names) > 0 {
			words = at.In(Place).Format("1月2") + "日无人登录查收的单位:" + strings.Join(names, "、")
		}
		rule := s.policy.LogIn.Rule
		done, err := s.today(ctx, Act{Kind: ActAbsences, About: at.UTC(), Rule: rule, Words: words}, func(u *unit) error {
			for _, unit := range absent {
				a := Act{ID: u.id(), Attempt: 1, Kind: ActAbsent, Unit: unit.ID, About: at.UTC(), Step: 1, Rule: rule, Actor: "system",
					Words: "无人登录查收", DueAt: at.UTC(), At: u.now}
				if _, err := u.InsertAct(a); err != nil {
					return fmt.Errorf("note that %s did not log in: %w", unit.ID, err)
				}
			}
			return nil
		})
		if done {
			s.done.Acts[ActAbsent] += len(absent)
		}
		return err
	})
}

// absent lists the units that had to log in on the day of a moment, and did not up to it.
func (s *sweep) absent(ctx context.Context, at time.Time) (absent []Unit, err error) {
	working, _ := s.calendar().WorkingDay(at)
	came, err := s.loggedIn(ctx, at)
	if err != nil {
		return nil, err
	}
	for _, unit := range s.units {
		if len(unit.Handlers) == 0 || unit.Form == FormPaper || came[unit.ID] {
			continue // one on paper has nothing to log in to; a unit without people is another fault (ZZ-7.1), told of when the hotline is checked
		}
		asked := working || s.policy.LogIn.EveryDay
		if !asked {
			open, err := s.store.Work(ctx, WorkFilter{Unit: unit.ID, Limit: 1})
			if err != nil {
				return nil, fmt.Errorf("what %s has to handle: %w", unit.ID, err)
			}
			asked = len(open) > 0
		}
		if asked {
			absent = append(absent, unit)
		}
	}
	return absent, nil
}

// loggedIn says of which units somebody logged in on the day of a moment, up to it: the audit
// has every log-in, as unit:water/name.
func (s *sweep) loggedIn(ctx context.Context, at time.Time) (map[string]bool, error) {
	y, m, d := at.In(Place).Date()
	f := Filter{Act: ActLogIn, Since: time.Date(y, m, d, 0, 0, 0, 0, Place), Until: at.Add(time.Microsecond)}
	came := map[string]bool{}
	for a, err := range Whole(ctx, f, s.store.AuditLog) {
		if err != nil {
			return nil, fmt.Errorf("who logged in: %w", err)
		}
		if who, ok := strings.CutPrefix(a.Actor, "unit:"); ok {
			unit, _, _ := strings.Cut(who, "/")
			came[unit] = true
		}
	}
	return came, nil
}

// notBefore has a text that is written at night wait for the morning.
func (u *unit) notBefore(m *sms.Message) {
	if at := u.office.policy.Watch.Hours.Next(u.now); at.After(u.now) {
		m.NotBefore = at
	}
}
