package ivr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hotline/asterisk"
	"hotline/deploy/fault"
)

// Class says what a call to the outside is for. Each class has its own order of trunks.
// Desks are phones of our own and belong to none.
type Class string

// The classes.
const (
	ForEmergency Class = "emergency" // 110, 119, 120, 122
	ForDuty      Class = "duty"      // mobiles of officers and leaders
	ForExternal  Class = "external"  // transfers to other hotlines and units
)

// Classes lists them all.
func Classes() []Class { return []Class{ForEmergency, ForDuty, ForExternal} }

// elsewhere reports whether another trunk is worth trying after an outcome. What a person
// said, or a phone that rang in vain, is the same on every trunk; for an emergency even
// that is not believed (ZZ-10.3).
func (c Class) elsewhere(o asterisk.DialOutcome) bool {
	switch o {
	case asterisk.Answered, asterisk.Abandoned:
		return false
	case asterisk.Unreachable:
		return true
	default:
		return c == ForEmergency
	}
}

// Trunk is a way to the outside, named as the switch names it.
type Trunk struct {
	Name string // PJSIP endpoint: carrier
	// Simulated says that behind it is the development phone company, where 110 rings
	// a program. Mark only what cannot reach the public network.
	Simulated bool
	// Max is how many calls this controller has on it at most; 0 leaves that to the
	// carrier. An emergency is one call more.
	Max int
}

// Routes are the trunks in the order in which each class tries them. A trunk that is down
// comes last and is tried all the same: those who say so may be wrong. Safe for
// concurrent use.
type Routes struct {
	trunks []*trunk
	order  map[Class][]*trunk
}

// trunk is a Trunk at work.
type trunk struct {
	Trunk
	down  atomic.Bool
	calls atomic.Int64
}

// NewRoutes makes routes of all trunks, in order of preference, and of the orders of
// classes that have one of their own. It reports every name that is wrong, and an
// emergency that could not try a second trunk though there is one (ZZ-10.3).
func NewRoutes(all []Trunk, orders map[Class][]string) (*Routes, error) {
	r := &Routes{order: map[Class][]*trunk{}}
	var wrong []error
	var names []string
	for _, t := range all {
		if slices.Contains(names, t.Name) || t.Name == "" {
			wrong = append(wrong, fmt.Errorf("trunk %q: no name, or there twice", t.Name))
		}
		names = append(names, t.Name)
		r.trunks = append(r.trunks, &trunk{Trunk: t})
	}
	if len(all) == 0 {
		wrong = append(wrong, errors.New("no trunk to carry emergency calls"))
	}
	for class := range orders {
		if !slices.Contains(Classes(), class) {
			wrong = append(wrong, fmt.Errorf("no class of calls %q; there are %v", class, Classes()))
		}
	}
	for _, class := range Classes() {
		own, ok := orders[class]
		if !ok {
			own = names
		}
		if ok && len(own) < 2 && len(own) < len(all) && class == ForEmergency {
			wrong = append(wrong, errors.New("emergency calls need a second trunk in their order (ZZ-10.3)"))
		}
		for i, name := range own {
			at := slices.Index(names, name)
			if at < 0 || slices.Contains(own[:i], name) {
				wrong = append(wrong, fmt.Errorf("order of %s calls: trunk %q is not one of %s, or there twice%s",
					class, name, strings.Join(names, ", "), suggestion(name, names)))
				continue
			}
			r.order[class] = append(r.order[class], r.trunks[at])
		}
		if len(own) == 0 && len(all) > 0 {
			wrong = append(wrong, fmt.Errorf("order of %s calls: no trunk", class))
		}
	}
	return r, errors.Join(wrong...)
}

func suggestion(name string, names []string) string {
	if hint := fault.DidYouMean(name, names); hint != "" {
		return " (" + hint + ")"
	}
	return ""
}

// Mark notes whether a trunk is down. A name that is not a trunk's is nobody's.
func (r *Routes) Mark(name string, down bool) {
	for _, t := range r.trunks {
		if t.Name == name {
			t.down.Store(down)
		}
	}
}

// Cut reports whether every trunk of a class is down.
func (r *Routes) Cut(c Class) bool {
	return !slices.ContainsFunc(r.order[c], func(t *trunk) bool { return !t.down.Load() })
}

// to lists the ways to a number: the class's order, those that are full after those that
// are not, those that are down last.
func (r *Routes) to(c Class, number string) ways {
	order := slices.Clone(r.order[c])
	slices.SortStableFunc(order, func(a, b *trunk) int { return a.reluctance() - b.reluctance() })
	w := ways{class: c, whom: number}
	for _, t := range order {
		w.left = append(w.left, way{endpoint: "PJSIP/" + number + "@" + t.Name, trunk: t})
	}
	return w
}

func (t *trunk) reluctance() int {
	switch {
	case t.down.Load():
		return 2
	case t.full():
		return 1
	}
	return 0
}

func (t *trunk) full() bool { return t.Max > 0 && t.calls.Load() >= int64(t.Max) }

// way is one attempt: a dial string, and the trunk it goes over.
type way struct {
	endpoint string
	trunk    *trunk // nil: a phone of our own
}

// ways are what is left to try.
type ways struct {
	class Class
	whom  string // the number, or the dial string of a phone of our own
	left  []way
}

// direct is the way to a phone of our own.
func direct(endpoint string) ways { return ways{whom: endpoint, left: []way{{endpoint: endpoint}}} }

// take counts a call on the way's trunk until free is called. A full trunk is passed over
// without asking, but for an emergency.
func (w way) take(c Class) (free func(), ok bool) {
	if w.trunk == nil {
		return func() {}, true
	}
	n := w.trunk.calls.Add(1)
	free = sync.OnceFunc(func() { w.trunk.calls.Add(-1) })
	if w.trunk.Max > 0 && n > int64(w.trunk.Max) && c != ForEmergency {
		free()
		return nil, false
	}
	return free, true
}

// reached is what came of trying to reach somebody. Who was answered calls free once the
// leg is over.
type reached struct {
	asterisk.Dialed
	place func() // gives the place on the trunk back; nil where none is held
}

func (r reached) free() {
	if r.place != nil {
		r.place()
	}
}

// reach dials one way after the other until somebody answers or no other way would do
// better, and tells which are left. All calls to the outside go through it.
func (w *ways) reach(dial func(way) asterisk.Dialed) reached {
	last := reached{Dialed: asterisk.Dialed{Outcome: asterisk.Unreachable}}
	for len(w.left) > 0 {
		next := w.left[0]
		w.left = w.left[1:]
		if d, ok := w.try(next, dial); ok {
			last = d
		}
		if !w.class.elsewhere(last.Outcome) {
			break
		}
	}
	return last
}

// try dials one way, unless it is full. A place is kept for what was answered only, even
// when dial panics.
func (w *ways) try(to way, dial func(way) asterisk.Dialed) (d reached, ok bool) {
	free, ok := to.take(w.class)
	if !ok {
		return reached{}, false
	}
	d.place = free
	defer func() {
		if d.Outcome != asterisk.Answered {
			free()
		}
	}()
	d.Dialed = dial(to)
	return d, true
}
