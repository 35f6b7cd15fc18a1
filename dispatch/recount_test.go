package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

func TestRecount(t *testing.T) {
	onBoth(t, "xz", map[string]func(*hall){
		"XZ-12.3.4 T9 what is to be signed in working hours": signRecounted,
	})
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-17.1 T9 a missing year arrives":                         yearArrives,
		"T9 a year that came while the program was down":            yearAtStart,
		"T10 a later notice moves what has not passed":              patched,
		"T10 a controller with an older file brings nothing back":   behind,
		"ZQ-12.4 T10 a unit's part and its extension are moved too": partsRecounted,
	})
}

// yearFile reads a yearly file of ours and changes it.
func (h *hall) yearFile(year int, change ...string) calendar.Year {
	h.t.Helper()
	name := fmt.Sprintf("calendar/%d.yaml", year)
	src, err := deploy.Files.ReadFile(name)
	h.ok(err)
	y, err := calendar.ParseYear(name, []byte(strings.NewReplacer(change...).Replace(string(src))))
	h.ok(err)
	return y
}

// spring2020 is 2020 as it was first announced.
func (h *hall) spring2020() calendar.Year {
	h.t.Helper()
	y := h.yearFile(2020, "  - {date: 2020-01-31, name: 春节}  # 周五\n", "",
		"  - {date: 2020-04-26", "  - {date: 2020-02-01, name: 春节调休}\n  - {date: 2020-04-26")
	notices := strings.Split(y.Source, "\n")
	for i, line := range notices {
		if strings.Contains(line, "延长2020年春节假期") {
			y, err := calendar.ParseYear("2020.yaml", []byte(strings.Join(append(notices[:i:i], notices[i+1:]...), "\n")))
			h.ok(err)
			return y
		}
	}
	h.t.Fatal("2020.yaml does not name the notice of the extension")
	return y
}

// controller is one more office on the same store, with the calendar of its own files.
func (h *hall) controller(files ...calendar.Year) *dispatch.Office {
	h.t.Helper()
	config := h.config
	config.Calendar = calendar.New(files...)
	o := dispatch.NewOffice(config)
	h.adopt(o, files...)
	return o
}

// adopt brings files and lets them count, as the program does when it starts or is told to.
func (h *hall) adopt(o *dispatch.Office, files ...calendar.Year) int {
	h.t.Helper()
	_, err := o.Adopt(h.ctx(), "test", files...)
	h.ok(err)
	return h.follow(o)
}

// follow is a round of what every controller does.
func (h *hall) follow(o *dispatch.Office) int {
	h.t.Helper()
	if _, err := o.FollowCalendar(h.ctx()); err != nil {
		h.t.Fatal(err)
	}
	n, err := o.Recount(h.ctx())
	h.ok(err)
	return n
}

// lastWords is the text of the last event of a kind.
func (h *hall) lastWords(number, kind string) (text string) {
	h.t.Helper()
	events, err := h.store.Events(h.ctx(), number)
	h.ok(err)
	for _, e := range events {
		if e.Kind == kind {
			text = e.Text
		}
	}
	return text
}

func (h *hall) due(number string) []any {
	h.t.Helper()
	o := h.order(number)
	return []any{o.Due.Words(), o.Due.Provisional}
}

// yearArrives registers an order when nobody has 2026 yet; then one controller of two gets it.
func yearArrives(h *hall) {
	h.now = time.Date(2026, 9, 30, 10, 0, 0, 0, dispatch.Place)
	one, two := h.controller(), h.controller()
	h.Office = one
	o := h.open(nil)
	h.same("provisional, by weekends", h.due(o.Number), []any{"10月2日", true})
	h.same("nothing to go by yet", h.follow(one), 0)
	h.now = h.now.Add(5 * day) // it passed in the meantime, and was never more than provisional
	h.same("arrived", h.adopt(two, h.yearFile(2026)), 1)
	h.same("the other follows", h.follow(one), 0)
	h.same("again", h.follow(two), 0)
	h.same("final", h.due(o.Number), []any{"10月9日", false})
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered, dispatch.OnRecounted})
	h.same("why", h.lastWords(o.Number, dispatch.OnRecounted), "期限由暂定2026年10月2日改为2026年10月9日:2026年工作日历第1版,"+
		"《国务院办公厅关于2026年部分节假日安排的通知》,国办发明电〔2025〕7号,2025-11-04")
	later := h.open(nil)
	h.same("the first counts by it too", h.due(later.Number)[1], false)
}

func yearAtStart(h *hall) {
	h.now = time.Date(2026, 9, 29, 10, 0, 0, 0, dispatch.Place)
	h.Office = h.controller()
	o := h.open(nil) // until 09-30 and 10-01
	spot := h.open(nil)
	h.complete(spot.Number)
	h.Office = h.controller(h.yearFile(2026))
	h.same("final", h.due(o.Number), []any{"10月8日", false})
	h.same("what is completed stays", h.due(spot.Number), []any{"10月1日", true})
	h.same("told once", h.told(o.Number, dispatch.OnRecounted), 1)
}

// patched is the Spring Festival of 2020, whose end was moved when it had begun.
func patched(h *hall) {
	h.now = time.Date(2020, 1, 20, 10, 0, 0, 0, dispatch.Place)
	first := h.spring2020()
	h.Office = h.controller(first)
	passed := h.open(nil)
	h.now = h.now.Add(2 * day)
	moved, promised, spot := h.open(nil), h.open(nil), h.open(nil)
	h.complete(spot.Number)
	_, err := h.Promise(h.ctx(), promised.Number, "duty:李", time.Date(2020, 1, 31, 12, 0, 0, 0, dispatch.Place))
	h.ok(err)
	h.same("as announced", [][]any{h.due(passed.Number), h.due(moved.Number)}, [][]any{{"1月22日", false}, {"1月31日", false}})

	h.now = time.Date(2020, 1, 27, 8, 0, 0, 0, dispatch.Place)
	h.same("changed", h.adopt(h.Office, h.yearFile(2020)), 1)
	h.same("once", h.follow(h.Office), 0)
	h.same("moved", h.due(moved.Number), []any{"2月3日", false})
	h.same("what passed, was promised or is done stays",
		[][]any{h.due(passed.Number), h.due(promised.Number), h.due(spot.Number)},
		[][]any{{"1月22日", false}, {"1月31日12:00", false}, {"1月31日", false}})
	h.same("why", h.lastWords(moved.Number, dispatch.OnRecounted), "期限由2020年1月31日改为2020年2月3日:2020年工作日历第2版,"+
		"《国务院办公厅关于延长2020年春节假期的通知》,国办发明电〔2020〕1号,2020-01-26,原定1月31日、2月1日上班;延长至2月2日,两日都不上班")
	for _, number := range []string{passed.Number, promised.Number, spot.Number} {
		h.same("silent", h.told(number, dispatch.OnRecounted), 0)
	}
}

func behind(h *hall) {
	h.now = time.Date(2020, 1, 22, 10, 0, 0, 0, dispatch.Place)
	first := h.spring2020()
	slow := h.controller(first)
	h.Office = h.controller(first)
	h.now = time.Date(2020, 1, 27, 8, 0, 0, 0, dispatch.Place)
	h.adopt(h.Office, h.yearFile(2020))
	// Registered by one that has not looked yet.
	h.Office = slow
	o := h.open(func(in *dispatch.Intake) { in.At = time.Date(2020, 1, 22, 10, 0, 0, 0, dispatch.Place) })
	h.same("by the old file", h.due(o.Number), []any{"1月31日", false})
	h.same("it follows", h.follow(slow), 1)
	h.same("moved", h.due(o.Number), []any{"2月3日", false})
	// One that is started with the old file counts by the new one.
	h.Office = h.controller(first)
	h.same("stays", h.due(o.Number), []any{"2月3日", false})
	h.same("told once", h.told(o.Number, dispatch.OnRecounted), 1)
	h.same("counted", h.Office.Calendar().AddWorkingDays(o.CreatedAt, 2).LastDay().Format(time.DateOnly), "2020-02-03")
	editions, err := h.store.CalendarYears(h.ctx())
	h.ok(err)
	h.same("in force", []int{len(editions), editions[0].Edition}, []int{1, 2})
}

// signRecounted has a part that is to be signed within one working hour, given out half an
// hour before a holiday that nobody knew.
func signRecounted(h *hall) {
	h.now = time.Date(2026, 9, 30, 17, 0, 0, 0, dispatch.Place)
	one := h.controller()
	h.Office = one
	o := h.open(nil)
	part := func(id string) dispatch.Assignment {
		return dispatch.Assignment{ID: id, Order: o.Number, Attempt: 1, Unit: id, Way: "hotline", DispatchedAt: h.now, FirstAt: h.now,
			SignBy: time.Date(2026, 10, 1, 9, 30, 0, 0, dispatch.Place)}
	}
	signed := part("城管")
	signed.SignedAt = h.now
	h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error {
		if err := tx.InsertAssignment(part("电力")); err != nil {
			return err
		}
		return tx.InsertAssignment(signed)
	}))
	h.now = h.now.Add(time.Hour)
	h.same("changed", h.adopt(one, h.yearFile(2026)), 1)
	h.same("once", h.follow(one), 0)
	parts, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
	h.ok(err)
	after := map[string]string{}
	for _, a := range parts {
		after[a.ID] = a.SignBy.In(dispatch.Place).Format("01-02 15:04")
	}
	h.same("after", after, map[string]string{"电力": "10-08 09:30", "城管": "10-01 09:30"})
	h.same("why", h.lastWords(o.Number, dispatch.OnRecounted), "电力的签收时限由2026年10月1日09:30改为2026年10月8日09:30:2026年工作日历第1版,"+
		"《国务院办公厅关于2026年部分节假日安排的通知》,国办发明电〔2025〕7号,2025-11-04")
}

// partsRecounted has an order with a lead unit, whose deadline was extended, and one that assists.
func partsRecounted(h *hall) {
	h.now = time.Date(2020, 1, 22, 10, 0, 0, 0, dispatch.Place)
	h.Office = h.controller(h.spring2020())
	o := h.open(nil)
	term := dispatch.Term{Workdays: 2, Rule: "ZZ-17.1"}
	lead := dispatch.Assignment{ID: "lead", Order: o.Number, Attempt: 1, Unit: "城管", Lead: true, DispatchedAt: h.now, FirstAt: h.now,
		Due: o.Due.Extended(h.Calendar(), term)}
	help := dispatch.Assignment{ID: "help", Order: o.Number, Attempt: 1, Unit: "电力", DispatchedAt: h.now, FirstAt: h.now,
		Due: dispatch.Term{Workdays: 3, Rule: "ZZ-17.1"}.Deadline(h.Calendar(), h.now)}
	h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error {
		if err := tx.InsertAssignment(lead); err != nil {
			return err
		}
		return tx.InsertAssignment(help)
	}))
	h.same("before", []string{lead.Due.Words(), help.Due.Words()}, []string{"2月3日", "2月1日"})
	h.now = time.Date(2020, 1, 27, 8, 0, 0, 0, dispatch.Place)
	h.same("changed", h.adopt(h.Office, h.yearFile(2020)), 1)
	parts, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Order: o.Number})
	h.ok(err)
	after := map[string]string{}
	for _, a := range parts {
		after[a.ID] = a.Due.Words()
	}
	h.same("after", after, map[string]string{"lead": "2月5日", "help": "2月4日"})
	h.same("each is told", h.told(o.Number, dispatch.OnRecounted), 3)
	h.same("once", h.follow(h.Office), 0)
}
