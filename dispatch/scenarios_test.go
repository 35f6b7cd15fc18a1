package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch"
	"hotline/sms"
	"hotline/sms/survey"
	"hotline/sms/survey/redistest"
)

// TestScenarios plays those of the survey's window (requirements, section 10) on a real
// Redis over both databases; nothing but Redis's clock settles in them.
func TestScenarios(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"10 ZQ-15.2 to the second, and what is an answer":      scenario10,
		"11 ZQ-15.2 killed in mid-window, with an empty Redis": scenario11,
		"12 ZQ-15.3 two windows of one number":                 scenario12,
		"12 Q7 a window and a new request":                     scenario12Request,
		"ZQ-15.2 answered before Redis knew of the question":   answeredFirst,
	})
}

// onRedis gives the office windows in a Redis of its own, as a process that begins does.
func (h *hall) onRedis(server *redistest.Server) *survey.Windows {
	h.t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	h.t.Cleanup(func() { client.Close() })
	windows, err := survey.New(survey.Config{Redis: client, Secret: []byte("0123456789abcdef"), Now: h.config.Now})
	h.ok(err)
	h.with(windows)
	h.step(windows)
	return windows
}

// step is a round of what runs in every controller.
func (h *hall) step(windows *survey.Windows) {
	h.t.Helper()
	_, err := windows.Step(h.ctx(), h.Office, h.Office)
	h.ok(err)
}

func scenario10(h *hall) {
	windows := h.onRedis(redistest.Start(h.t))
	for _, tt := range []struct {
		after   time.Duration
		words   string
		as      string
		outcome dispatch.Outcome
		rating  int
	}{
		{day, "2", "survey", dispatch.Rated, 2},
		{day + time.Second, "2", "late", dispatch.Unrated, 0},
		{time.Minute, "２", "survey", dispatch.Rated, 2},
		{time.Minute, "2。", "survey", dispatch.Rated, 2},
		{time.Minute, "满意", "survey", dispatch.Rated, 2},
		{time.Minute, "不满意", "survey", dispatch.Rated, 4},
		{time.Minute, "非常不满意", "survey", dispatch.Rated, 5},
		{time.Minute, "1和2", "invalid", dispatch.Invalid, 0},
	} {
		h.now = h.now.Truncate(time.Second).Add(9 * day)
		o, s := h.surveyed()
		h.now = s.OpenedAt.Add(tt.after)
		h.same(tt.words+" taken as", h.text(tt.words, s.Slot), tt.as)
		h.now = s.Deadline
		h.step(windows)
		h.same("not in the last second", h.order(o.Number).Outcome == dispatch.Pending, tt.after > day || tt.as == "invalid")
		h.now = s.Deadline.Add(time.Second)
		h.step(windows)
		got := h.order(o.Number)
		h.same(tt.words+" after "+tt.after.String(), []any{got.Outcome, got.Rating}, []any{tt.outcome, tt.rating})
	}
}

func scenario11(h *hall) {
	server := redistest.Start(h.t)
	h.onRedis(server)
	o, s := h.surveyed()
	h.now = h.now.Add(time.Hour)
	answered, sa := h.surveyed()
	h.same("an answer", h.text("1", sa.Slot), "survey")

	h.now = h.now.Add(time.Hour)
	server.Kill() // and the process with it; what begins has nothing but SQL
	server.Restart()
	windows := h.onRedis(server)
	h.same("windows", windows.Drift().Warm, true)
	h.same("an answer again", h.text("5", sa.Slot), "late")
	h.now = s.Deadline
	h.step(windows)
	h.same("in the last second", h.order(o.Number).Outcome, dispatch.Pending)
	server.FlushAll()
	h.now = s.Deadline.Add(time.Second)
	h.step(windows)
	h.same("at its own time", h.order(o.Number).Outcome, dispatch.Unrated)
	h.same("settled at", h.survey(o.Number).SettledAt, h.now.UTC())
	h.same("events", h.told(o.Number, dispatch.OnUnrated), 1)
	h.same("the other's rating", h.order(answered.Number).Rating, 1)
	for _, number := range []string{o.Number, answered.Number} {
		h.question(number) // exactly one each
	}
}

func scenario12(h *hall) {
	windows := h.onRedis(redistest.Start(h.t))
	first, s1 := h.surveyed()
	h.now = h.now.Add(time.Hour)
	second, s2 := h.surveyed()
	h.same("slots differ", s1.Slot != s2.Slot, true)
	h.same("to the first's extension", h.text("4", s1.Slot), "survey")
	h.same("a bare one", h.text("1", ""), "survey") // one is open
	h.same("ratings", []int{h.order(first.Number).Rating, h.order(second.Number).Rating}, []int{4, 1})

	h.now = h.now.Add(9 * day)
	first, _ = h.surveyed()
	h.now = h.now.Add(time.Hour)
	second, s2 = h.surveyed()
	h.same("by number", h.text("2 "+first.Number, s2.Slot), "survey")
	h.now = s2.Deadline.Add(time.Second)
	h.step(windows)
	h.same("named, and not", []dispatch.Outcome{h.order(first.Number).Outcome, h.order(second.Number).Outcome},
		[]dispatch.Outcome{dispatch.Rated, dispatch.Unrated})
	h.same("what a guess was taken for is said", len(h.sent(second.Number, sms.KindNotice)), 0)
}

func scenario12Request(h *hall) {
	windows := h.onRedis(redistest.Start(h.t))
	o, s := h.surveyed()
	h.same("a request", h.text("我家门口的路灯又坏了三天了", ""), "order")
	h.same("four characters", h.text("好的谢谢", s.Slot), "invalid")
	h.same("the window is open", h.order(o.Number).Outcome, dispatch.Pending)
	h.same("the answer", h.text("3", ""), "survey")
	h.now = s.Deadline.Add(time.Second)
	h.step(windows)
	h.same("rating", h.order(o.Number).Rating, 3)
	h.same("nothing is left for SQL's sweep", h.sweep(), 0)
}

// overtaken is windows in which a question arrives only after something else has happened.
type overtaken struct {
	*survey.Windows
	first func()
}

func (o *overtaken) Open(ctx context.Context, w survey.Window) error {
	if first := o.first; first != nil {
		o.first = nil
		first()
	}
	return o.Windows.Open(ctx, w)
}

// answeredFirst has one controller take the receipt and another the answer, which is the
// faster: no window may be left open that SQL has ended.
func answeredFirst(h *hall) {
	windows := &overtaken{Windows: h.onRedis(redistest.Start(h.t))}
	h.with(windows)
	windows.first = func() {
		receipts := h.Office
		h.with(nil)
		h.same("the answer", h.text("2", ""), "survey")
		h.Office = receipts
	}
	o, s := h.surveyed()
	h.same("rated", []any{o.Outcome, o.Rating}, []any{dispatch.Rated, 2})
	v, err := windows.Reply(h.ctx(), survey.Reply{TextID: "01SECOND", Phone: citizen, Slot: s.Slot, Text: "5", At: h.now})
	h.ok(err)
	h.same("a second answer", v.Kind, survey.Late)
}
