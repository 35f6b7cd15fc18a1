package ivr

import (
	"fmt"
	"strings"
	"time"
)

// Hours is when people answer. It knows no weekends and no holidays on purpose: the
// line is staffed every day of the year (ZZ-20.1), which is another matter than
// working days.
type Hours struct {
	AllDay  bool // 24 hours, every day (SQ-1.1, ZQ-2)
	Seasons []Season
}

// Season is a part of the year with its own hours.
type Season struct {
	From, To MonthDay // both inclusive; From after To runs over New Year
	Open     []Window // in order of the day
}

// MonthDay is a day of any year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// Window is a span of a day, from inclusive, to exclusive, in minutes after midnight.
type Window struct{ From, To int }

// Open reports whether people answer at t, and in Chinese why. t may be in any zone;
// hours are those of Asia/Shanghai.
func (h Hours) Open(t time.Time) (open bool, why string) {
	if h.AllDay {
		return true, "全天人工服务"
	}
	local := t.In(shanghai)
	minute := local.Hour()*60 + local.Minute()
	for _, s := range h.Seasons {
		if !s.contains(MonthDay{local.Month(), local.Day()}) {
			continue
		}
		for _, w := range s.Open {
			if minute >= w.From && minute < w.To {
				return true, fmt.Sprintf("%s作息,%s 人工值守", s, w)
			}
		}
		return false, fmt.Sprintf("%s作息为 %s,现在是非工作时间", s, spans(s.Open))
	}
	return false, "这一天没有作息安排"
}

// contains reports whether a day of the year lies in the season.
func (s Season) contains(d MonthDay) bool {
	if s.From.before(s.To) || s.From == s.To {
		return !d.before(s.From) && !s.To.before(d)
	}
	return !d.before(s.From) || !s.To.before(d)
}

func (d MonthDay) before(e MonthDay) bool {
	return d.Month < e.Month || d.Month == e.Month && d.Day < e.Day
}

// String is the season's span: 10月1日至5月31日.
func (s Season) String() string {
	return fmt.Sprintf("%d月%d日至%d月%d日", s.From.Month, s.From.Day, s.To.Month, s.To.Day)
}

// String is the window as written: 08:30-12:00.
func (w Window) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

func spans(ws []Window) string {
	parts := make([]string, len(ws))
	for i, w := range ws {
		parts[i] = w.String()
	}
	return strings.Join(parts, "、")
}

// parseMonthDay reads 10-01. The 29th of February is a day.
func parseMonthDay(s string) (MonthDay, error) {
	t, err := time.Parse("2006-01-02", "2000-"+s)
	if err != nil {
		return MonthDay{}, fmt.Errorf("%q is not a day like 10-01", s)
	}
	return MonthDay{t.Month(), t.Day()}, nil
}

// parseWindow reads 08:30-12:00; the end may be 24:00.
func parseWindow(s string) (Window, error) {
	from, to, ok := strings.Cut(s, "-")
	w := Window{}
	var err error
	if ok {
		if w.From, err = parseMinute(from); err == nil {
			w.To, err = parseMinute(to)
		}
	}
	if !ok || err != nil {
		return Window{}, fmt.Errorf("%q is not a span like 08:30-12:00", s)
	}
	if w.From >= w.To {
		return Window{}, fmt.Errorf("%q ends before it begins; a night is two spans", s)
	}
	return w, nil
}

func parseMinute(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day: %w", s, err)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// shanghai is the zone of all the hotlines; China has had no summer time since 1991,
// so a fixed offset needs no zone files on the machine.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
