package ivr_test

import (
	"context"
	"log/slog"
	"testing"

	"hotline/asterisk"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// quickCaller knows every key before it is asked for, so that what a call takes is the
// flow's own time.
type quickCaller struct {
	ivr.Phone
	keys string
}

func (q *quickCaller) ID() string                           { return "bench" }
func (q *quickCaller) Caller() string                       { return citizen }
func (q *quickCaller) Dialed() string                       { return "12345" }
func (q *quickCaller) Context() context.Context             { return context.Background() }
func (q *quickCaller) Answer(context.Context) error         { return nil }
func (q *quickCaller) Hangup(context.Context, string) error { return nil }
func (q *quickCaller) Remember([]byte)                      {}

func (q *quickCaller) Guard(ctx context.Context, _ byte) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

func (q *quickCaller) Play(context.Context, asterisk.PlayOptions) (asterisk.Playback, error) {
	return asterisk.Playback{End: asterisk.PlayDone}, nil
}

func (q *quickCaller) Gather(context.Context, asterisk.GatherOptions) (asterisk.Gathered, error) {
	key := q.keys[:1]
	q.keys = q.keys[1:]
	return asterisk.Gathered{Digits: key, End: asterisk.GatherDone}, nil
}

const stepsFlow = `
start: one
nodes:
  one: {verb: menu, prompt: a, keys: {"1": two, "0": person, "9": emergency}, no-key: person, wrong-key: person}
  two: {verb: menu, prompt: b, keys: {"1": last, "0": person, "9": emergency}, no-key: person, wrong-key: person}
  last: {verb: goodbye, prompt: c}
  person: {verb: agents, none: message}
  message: {verb: voicemail}
`

// BenchmarkFlow is a call of two menus and a goodbye: what the runner adds to each call
// besides Asterisk and records.
func BenchmarkFlow(b *testing.B) {
	flow, problems := ivr.ParseFlow("steps", []byte(stepsFlow))
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	source := readFile(b, "hotlines/zz/profile.yaml")
	profile, problems := ivr.ParseProfile("profile", source)
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	routes := routesOf(b, nil, ivr.Trunk{Name: "carrier"})
	plan, err := ivr.PlanEmergency(profile, routes, false)
	if err != nil {
		b.Fatal(err)
	}
	runner, err := ivr.NewRunner(ivr.Config{Flow: flow, Profile: profile, Prompts: ivrtest.Prompts{}, Emergency: plan,
		Routes: routes, Clock: asterisk.SystemClock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		runner.Serve(context.Background(), &quickCaller{keys: "11"})
	}
}
