package trade

import (
	"cmp"
	"slices"
	"strings"
)

// planRoster puts lines into roster.yaml: those with days into the weekly pattern, those with
// dates into the overrides. Of two lines for one moment the first one counts, so new ones
// come before what was there.
func planRoster(src []byte, records []*record, rep *Report) ([]byte, error) {
	people, err := openSection(src, "officers", true)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		r.people(people)
	}
	for _, part := range []string{"weekly", "overrides"} {
		s, err := openSection(src, part, false)
		if err != nil {
			return nil, err
		}
		if s.roster(records, part == "weekly", rep) == 0 {
			continue // nor is an empty section made
		}
		if src, err = s.bytes(); err != nil {
			return nil, err
		}
	}
	return src, nil
}

// roster puts the lines of one part in, and says how many there are.
func (s *section) roster(records []*record, weekly bool, rep *Report) int {
	var news []*entry
	n := 0
	for _, r := range records {
		if len(r.wrong) > 0 || (r.v["days"] != "") != weekly {
			continue
		}
		n++
		i := slices.IndexFunc(s.entries, func(e *entry) bool { return e.lineKey() == r.lineKey() })
		e := &entry{changed: true}
		if i >= 0 {
			e = s.entries[i]
		} else {
			news = append(news, e)
		}
		if i < 0 {
			r.fill(e, "days", "from", "to", "hours")
		}
		r.fill(e, "why", "duty", "backup", "leader")
		rep.count(i < 0, e.changed)
	}
	s.entries = append(news, s.entries...)
	return n
}

// people checks when a line counts and finds whom it names, by id or by a name that only
// one has.
func (r *record) people(s *section) {
	switch {
	case len(r.wrong) > 0:
		return
	case r.v["days"] == "" && r.v["from"] == "":
		r.fault("days", "请填写星期(每周)或开始日期(某几天)")
	case r.v["days"] != "" && r.v["from"]+r.v["to"] != "":
		r.fault("from", "星期与日期只能填一种")
	case r.v["to"] != "" && r.v["to"] < r.v["from"]:
		r.fault("to", "早于开始日期")
	case r.v["duty"]+r.v["backup"]+r.v["leader"] == "":
		r.fault("duty", "这一行没有写人")
	}
	for _, list := range []string{"duty", "backup", "leader"} {
		var ids []string
		for _, p := range parts(r.v[list]) {
			found := s.named(p.(string))
			if len(found) != 1 {
				r.fault(list, "“%s”在人员名单里有 %d 人,请写人员编号", p, len(found))
				continue
			}
			ids = append(ids, found[0])
		}
		r.v[list] = strings.Join(ids, ",")
	}
}

// named lists the ids of those who are called so.
func (s *section) named(who string) (ids []string) {
	for _, e := range s.entries {
		if e.id == who {
			return []string{who}
		}
		if e.words("name") == who {
			ids = append(ids, e.id)
		}
	}
	return ids
}

// lineKey is when a line of the roster counts: there is one of each.
func (r *record) lineKey() string {
	return keyOfLine(r.v["days"], r.v["from"], r.v["to"], r.v["hours"])
}

func (e *entry) lineKey() string {
	days, _ := weekdays(e.words("days"))
	return keyOfLine(days, e.words("from"), e.words("to"), e.words("hours"))
}

func keyOfLine(days, from, to, hours string) string {
	return strings.Join([]string{days, from, cmp.Or(to, from), hours}, " ")
}
