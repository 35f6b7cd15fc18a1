package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch"
	"hotline/sms"
	"hotline/sms/survey"
	"hotline/sms/survey/redistest"
)

func twoQuestions(h *hall) {
	a, sa := h.surveyed()
	h.now = h.now.Add(time.Minute)
	b, sb := h.surveyed()
	if sa.Slot == sb.Slot {
		h.t.Fatalf("both questions have slot %s", sa.Slot)
	}
	h.same("by slot", h.text("1", sa.Slot), "survey")
	h.same("the first is rated", []int{h.order(a.Number).Rating, h.order(b.Number).Rating}, []int{1, 0})

	h.now = h.now.Add(time.Minute)
	c, _ := h.surveyed()
	h.now = h.now.Add(time.Minute)
	d, _ := h.surveyed()
	h.same("by number", h.text("2 "+c.Number, ""), "survey")
	h.same("by digits", h.text("2 "+b.Digits, ""), "survey")
	h.same("neither number nor slot: the latest", h.text("3", ""), "survey")
	h.same("ratings", []int{h.order(b.Number).Rating, h.order(c.Number).Rating, h.order(d.Number).Rating}, []int{2, 2, 3})
	h.same("nothing to confirm, no other was open", len(h.sent(d.Number, sms.KindNotice)), 0)

	h.now = h.now.Add(time.Minute)
	e, _ := h.surveyed()
	h.now = h.now.Add(time.Minute)
	f, _ := h.surveyed()
	h.same("guessed", h.text("4", ""), "survey")
	h.same("the later one is rated", []int{h.order(e.Number).Rating, h.order(f.Number).Rating}, []int{0, 4})
	h.same("and confirmed", len(h.sent(f.Number, sms.KindNotice)), 1)
}

// oneRating throws answers, settlements and sweeps at one window at the same time.
func oneRating(h *hall) {
	o, s := h.surveyed()
	ended := h.now.Add(day + time.Minute)
	var all sync.WaitGroup
	for n := range 30 {
		all.Go(func() {
			switch n % 3 {
			case 0:
				in := sms.Inbound{ID: fmt.Sprintf("01P%d", n), Key: fmt.Sprint("p", n), From: citizen, Ext: s.Slot,
					Text: fmt.Sprint(n%5 + 1), EventAt: s.OpenedAt.Add(time.Minute), ReceivedAt: s.OpenedAt.Add(time.Minute)}
				if _, err := h.TakeText(h.ctx(), in); err != nil {
					h.t.Errorf("take: %v", err)
				}
			case 1:
				st := survey.Settlement{SurveyID: s.ID, Outcome: survey.OutcomeRated, Rating: 5, At: s.OpenedAt}
				if err := h.Settle(h.ctx(), st); err != nil {
					h.t.Errorf("settle: %v", err)
				}
			default:
				if _, err := h.SweepDue(h.ctx(), ended, ended); err != nil && !errors.Is(err, dispatch.ErrIllegal) {
					h.t.Errorf("sweep: %v", err)
				}
			}
		})
	}
	all.Wait()
	got := h.order(o.Number)
	h.same("rated once", h.told(o.Number, dispatch.OnRated), 1)
	want := 0
	if got.Rating > 3 {
		want = 1
	}
	h.same("callbacks", len(h.callbacks(o.Number)), want)
	h.same("survey and order agree", []any{h.survey(o.Number).Rating, got.Outcome}, []any{got.Rating, dispatch.Rated})
}

func answerOrRequest(h *hall) {
	h.same("no survey: a request", h.text("2", ""), "order")
	o, s := h.surveyed()
	h.same("long words while a window is open: a request", h.text("你们修的路灯又坏了,请再派人来看看", s.Slot), "order")
	h.same("short words: an attempt", h.text("谢谢", s.Slot), "invalid")
	h.same("refusal", h.text("TD", s.Slot), "opt-out")
	h.same("kept on the order", h.told(o.Number, dispatch.OnOptOut), 1)
	h.same("the window stays", h.text("1", s.Slot), "survey")
	next := h.complete(h.open(nil).Number)
	h.same("but nobody asks again", []any{next.State, next.Outcome}, []any{dispatch.Archived, dispatch.Skipped})
}

func sqlDecides(h *hall) {
	o, s := h.surveyed()
	settle := func(st survey.Settlement) error {
		st.SurveyID = s.ID
		return h.Settle(h.ctx(), st)
	}
	if err := settle(survey.Settlement{Outcome: survey.OutcomeRated, Rating: 6, At: h.now}); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("rating 6: %v", err)
	}
	if err := h.Settle(h.ctx(), survey.Settlement{SurveyID: "nobody"}); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("no survey: %v", err)
	}
	h.ok(settle(survey.Settlement{Outcome: survey.OutcomeRated, Rating: 1, At: s.Deadline.Add(time.Second), Text: "1"}))
	h.same("late", []any{h.order(o.Number).Outcome, h.told(o.Number, dispatch.OnLateReply)}, []any{dispatch.Pending, 1})
	h.ok(settle(survey.Settlement{Outcome: survey.OutcomeRated, Rating: 2, At: s.Deadline}))
	h.now = s.Deadline.Add(time.Minute)
	h.ok(settle(survey.Settlement{Outcome: survey.OutcomeUnrated, At: h.now}))
	h.ok(settle(survey.Settlement{Outcome: survey.OutcomeRated, Rating: 5, At: s.Deadline}))
	h.same("the first stays", h.order(o.Number).Rating, 2)
}

// redisStub stands in for a Redis that says what the test wants, or fails.
type redisStub struct {
	opened  []survey.Window
	verdict survey.Verdict
	err     error
}

func (r *redisStub) Open(_ context.Context, w survey.Window) error {
	r.opened = append(r.opened, w)
	return r.err
}

func (r *redisStub) Close(context.Context, survey.Window) error { return r.err }

func (r *redisStub) Reply(context.Context, survey.Reply) (survey.Verdict, error) {
	return r.verdict, r.err
}

func (h *hall) with(w dispatch.Windows) {
	h.config.Windows = w
	h.Office = dispatch.NewOffice(h.config)
}

func opensWindows(h *hall) {
	stub := &redisStub{}
	h.with(stub)
	_, s := h.surveyed()
	want := survey.Window{ID: s.ID, Phone: citizen, Slot: s.Slot, Order: s.Order, OpenedAt: h.now.UTC(), Deadline: h.now.Add(day).UTC()}
	h.same("told twice, because delivery was", stub.opened, []survey.Window{want, want})
}

// failingWindows lets Redis fail, know nothing, and say nonsense: SQL judges alike.
func failingWindows(h *hall) {
	for name, stub := range map[string]*redisStub{
		"away": {err: errors.New("connection refused")},
		"cold": {err: survey.ErrCold},
		"none": {verdict: survey.Verdict{Kind: survey.None}},
		"odd":  {verdict: survey.Verdict{Kind: survey.Late, Window: survey.Window{ID: "nobody"}}},
	} {
		h.with(stub)
		o, s := h.surveyed()
		h.same(name+": wrong", h.text("1 2", ""), "invalid")
		h.same(name+": right", h.text("2", ""), "survey")
		h.same(name+": late", h.text("3", s.Slot), "late")
		h.same(name+": rating", h.order(o.Number).Rating, 2)
	}
}

func rebuilds(h *hall) {
	_, s1 := h.surveyed()
	_, s2 := h.surveyed()
	h.text("1", s2.Slot)
	list, err := h.OpenWindows(h.ctx(), survey.Window{}, 10)
	h.ok(err)
	h.same("windows", list, []survey.Window{h.survey(s1.Order).Window()})
	list, err = h.OpenWindows(h.ctx(), list[0], 10)
	h.ok(err)
	h.same("after it", len(list), 0)
	closed, err := h.Closed(h.ctx(), []string{s1.ID, s2.ID, "nobody"})
	h.ok(err)
	h.same("closed", closed, []string{s2.ID, "nobody"})
}

// TestZQ_15_2_RealRedis runs the story with a real Redis that is emptied and killed in
// mid-window: nothing changes and nothing is sent twice.
func TestZQ_15_2_RealRedis(t *testing.T) {
	server := redistest.Start(t)
	h := newHall(t, "zz", t.TempDir()+"/h.db")
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	t.Cleanup(func() { client.Close() })
	windows, err := survey.New(survey.Config{Redis: client, Secret: []byte("0123456789abcdef"), Now: h.config.Now})
	h.ok(err)
	h.with(windows)
	h.ok(windows.Rebuild(h.ctx(), h.Office))

	o1, s1 := h.surveyed()
	h.now = h.now.Add(time.Minute)
	o2, s2 := h.surveyed()
	h.same("wrong", h.text("1和2", s1.Slot), "invalid")
	h.ok(client.FlushAll(h.ctx()).Err())
	h.same("answered while Redis is empty", h.text("２", s1.Slot), "survey")
	_, err = windows.Step(h.ctx(), h.Office, h.Office)
	h.ok(err)
	h.same("late after the rebuild", h.text("5", s1.Slot), "late")
	h.now = s2.Deadline.Add(time.Second)
	_, err = windows.Step(h.ctx(), h.Office, h.Office)
	h.ok(err)
	h.same("settled by Redis's clock", h.order(o2.Number).Outcome, dispatch.Unrated)
	h.same("nothing left for SQL's", h.sweep(), 0)

	o3, s3 := h.surveyed()
	server.Kill()
	h.same("answered while Redis is gone", h.text("非常不满意", s3.Slot), "survey")
	h.same("ratings", []int{h.order(o1.Number).Rating, h.order(o3.Number).Rating}, []int{2, 5})
	for _, o := range []dispatch.Order{o1, o2, o3} {
		h.question(o.Number) // exactly one each
	}
}
