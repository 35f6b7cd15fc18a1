package trade

import (
	"strings"

	"github.com/goccy/go-yaml"
)

// plan puts records into the text of a file, in memory: those with faults, old and new, are
// left out. It counts what is new, changed and the same.
type plan func(src []byte, records []*record, rep *Report) ([]byte, error)

// planUnits puts units into units.yaml.
func planUnits(src []byte, records []*record, rep *Report) ([]byte, error) {
	s, err := openSection(src, "units", false)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if len(r.wrong) > 0 {
			continue
		}
		e := s.find(r.v["id"])
		fresh := e == nil
		if fresh {
			e = s.add("")
		}
		r.fill(e, "id", "name", "kind", "phone", "topics")
		rep.count(fresh, e.changed)
	}
	return s.bytes()
}

// planHandlers puts handlers into the units they are of.
func planHandlers(src []byte, records []*record, rep *Report) ([]byte, error) {
	s, err := openSection(src, "units", false)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if len(r.wrong) > 0 {
			continue
		}
		e := s.find(r.v["unit"])
		if e == nil {
			r.fault("unit", "units.yaml 里没有这个单位,请先导入单位")
			continue
		}
		was := e.changed
		h, fresh := handlerOf(e, r.v["id"])
		r.fill(h, "id", "name", "mobile", "head")
		if h.changed {
			e.putHandler(h)
		}
		rep.count(fresh, h.changed)
		e.changed = was || h.changed
	}
	return s.bytes()
}

// handlerOf finds one of a unit's people, or makes a new one.
func handlerOf(unit *entry, id string) (h *entry, fresh bool) {
	people, _ := unit.get("handlers").([]any)
	for _, p := range people {
		if m, ok := p.(yaml.MapSlice); ok {
			if h := (&entry{value: append(yaml.MapSlice{}, m...)}); h.words("id") == id {
				return h, false
			}
		}
	}
	return &entry{}, true
}

// putHandler puts a handler in their place, or at the end.
func (e *entry) putHandler(h *entry) {
	people, _ := e.get("handlers").([]any)
	people = append([]any{}, people...)
	for i, p := range people {
		if m, ok := p.(yaml.MapSlice); ok && (&entry{value: m}).words("id") == h.words("id") {
			people[i] = h.value
			e.set("handlers", people)
			return
		}
	}
	e.set("handlers", append(people, h.value))
}

// planOfficers puts officers into roster.yaml.
func planOfficers(src []byte, records []*record, rep *Report) ([]byte, error) {
	s, err := openSection(src, "officers", true)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if len(r.wrong) > 0 {
			continue
		}
		e := s.find(r.v["id"])
		fresh := e == nil
		if fresh {
			e = s.add(r.v["id"])
		}
		r.fill(e, "name", "phone")
		rep.count(fresh, e.changed)
	}
	return s.bytes()
}

// find is the entry with an id; nil if there is none.
func (s *section) find(id string) *entry {
	for _, e := range s.entries {
		if s.mapping && e.id == id || !s.mapping && e.words("id") == id {
			return e
		}
	}
	return nil
}

// add puts a new entry at the end.
func (s *section) add(id string) *entry {
	e := &entry{id: id, changed: true}
	s.entries = append(s.entries, e)
	return e
}

// fill gives an entry what the row has for it. A column that the file does not have leaves
// the value as it is; an empty cell takes it out.
func (r *record) fill(e *entry, names ...string) {
	for _, name := range names {
		if !r.has(name) {
			continue
		}
		switch name {
		case "head":
			e.set(name, r.v[name] == "yes")
		case "topics", "days", "duty", "backup", "leader":
			e.set(name, parts(r.v[name]))
		default:
			e.set(name, r.v[name])
		}
	}
}

// parts is a list as YAML has it.
func parts(list string) []any {
	out := []any{}
	if list == "" {
		return out
	}
	for p := range strings.SplitSeq(list, ",") {
		out = append(out, p)
	}
	return out
}

// count counts a row that is right.
func (rep *Report) count(fresh, changed bool) {
	switch {
	case fresh:
		rep.New++
	case changed:
		rep.Changed++
	default:
		rep.Same++
	}
}
