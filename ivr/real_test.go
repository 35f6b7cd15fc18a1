package ivr_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// building is the zz hotline on a real Asterisk: SIP phones for the citizen and two
// trunks, a real office, and noise for prompts, which the phones tell apart.
type building struct {
	citizen, carrier, carrier2 *sipphone.Phone
	ast                        *asterisktest.Server
	store                      *sqlstore.Store
	runner                     *ivr.Runner
	served                     chan struct{} // has one for each call whose record is written
	calls                      int           // so many were looked at
}

// build opens the hotline at a moment of its own clock; change may shorten its waits.
func build(t *testing.T, at string, change func(*ivr.Profile)) *building {
	t.Helper()
	t.Parallel() // it mostly waits for speech
	b := &building{store: database(t), served: make(chan struct{}, 10)}
	flow, profile := loadHotline(t, "zz")
	if change != nil {
		change(profile)
	}
	prompts := noise{t.TempDir()}
	index := prompts.record(t, flow)
	for number, phone := range map[string]**sipphone.Phone{citizen: &b.citizen, "carrier": &b.carrier, "carrier2": &b.carrier2} {
		p, err := sipphone.Listen(context.Background(), sipphone.Config{Addr: "127.0.0.1:0", Number: number, Index: index})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		*phone = p
	}
	b.ast = asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) {
		c.Trunks = []conf.Trunk{{Name: "carrier", Addr: b.carrier.Addr()}, {Name: "carrier2", Addr: b.carrier2.Addr()}}
		c.Beep = filepath.Join(prompts.dir, ivr.PromptBeep)
	}})
	b.work(t, ivr.Config{Flow: flow, Profile: profile, Prompts: prompts, Clock: ivrtest.At(moment(t, at))})
	return b
}

// work puts runner, office and switch together, as the program does.
func (b *building) work(t *testing.T, cfg ivr.Config) {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	check(err)
	roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/zz/roster.yaml")
	check(err)
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	check(err)
	office := dispatch.NewOffice(dispatch.Config{Store: b.store, Policy: policy, Calendar: days, Now: cfg.Clock.Now})
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	cfg.Routes = routesOf(t, nil, ivr.Trunk{Name: "carrier"}, ivr.Trunk{Name: "carrier2"})
	cfg.Orders, cfg.Inquiry, cfg.Book, cfg.Roster = office, office, office, roster
	cfg.Emergency, err = ivr.PlanEmergency(cfg.Profile, cfg.Routes, false)
	check(err)
	tower, err := asterisk.New(asterisk.Config{URL: b.ast.ARI, User: b.ast.Config.ARIUser, Password: b.ast.Config.ARIPass,
		Clock: cfg.Clock, Log: cfg.Log})
	check(err)
	alarm := ivr.NewAlarm(ivr.AlarmConfig{Ringer: tower, Prompts: cfg.Prompts, Roster: roster, Routes: cfg.Routes,
		Clock: cfg.Clock, Log: cfg.Log, Orders: office, CallerID: "12345"})
	cfg.Alarm = alarm
	b.runner, err = ivr.NewRunner(cfg)
	check(err)
	tower.Handle(func(ctx context.Context, c *asterisk.Call) {
		defer func() { b.served <- struct{}{} }()
		b.runner.Serve(ctx, c)
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- tower.Run(ctx) }()
	go func() { alarm.Run(ctx); ended <- nil }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
	<-tower.Ready()
}

// dial calls the hotline.
func (b *building) dial(t *testing.T) *sipphone.Session {
	t.Helper()
	s, err := b.citizen.Call(t.Context(), "sip:12345@"+b.ast.SIP, sipphone.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Hangup(context.Background()) }) // it may be over
	return s
}

// hears waits for prompts.
func hears(t *testing.T, s *sipphone.Session, ids ...string) {
	t.Helper()
	for _, id := range ids {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, err := s.Ear().WaitPrompt(ctx, id); err != nil {
			t.Fatalf("prompt %s not heard: %v; heard %v", id, err, s.Ear().Heard())
		}
		cancel()
	}
}

// rings waits for a call at a phone.
func rings(t *testing.T, p *sipphone.Phone, number string) *sipphone.Incoming {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	in, err := p.Next(ctx)
	if err != nil {
		t.Fatalf("%s was not rung: %v", number, err)
	}
	if in.To != number {
		t.Fatalf("%s was rung instead of %s", in.To, number)
	}
	return in
}

// TestZZ_10_3_RealEmergency: on a real Asterisk, 9 2 during the welcome rings the ambulance
// within 300 ms of the key, with the caller's own number in From and
// P-Asserted-Identity; it is busy, and the second trunk carries the call.
func TestZZ_10_3_RealEmergency(t *testing.T) {
	b := build(t, daytime, nil)
	s, first := b.promptly(t)
	if first.From != citizen || first.PAI != citizen {
		t.Errorf("120 sees From %q, P-Asserted-Identity %q", first.From, first.PAI)
	}
	if err := first.Busy(); err != nil {
		t.Fatal(err)
	}
	second := rings(t, b.carrier2, "120")
	ambulance, err := second.Answer()
	if err != nil {
		t.Fatal(err)
	}
	ambulance.Say(sipphone.Tone(800))
	s.Say(sipphone.Tone(440))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Ear().WaitTone(ctx, 800); err != nil {
		t.Errorf("the caller does not hear the ambulance: %v", err)
	}
	if err := ambulance.Ear().WaitTone(ctx, 440); err != nil {
		t.Errorf("the ambulance does not hear the caller: %v", err)
	}
	if err := ambulance.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	<-s.Context().Done()
	b.recorded(t, "emergency")
}

// promptly presses 9 2 during the welcome until 120 is rung within 300 ms, in at most twenty
// calls: a machine that stands still for a moment is not what is measured.
func (b *building) promptly(t *testing.T) (*sipphone.Session, *sipphone.Incoming) {
	t.Helper()
	for tries := 1; ; tries++ {
		s := b.dial(t)
		hears(t, s, "welcome-zz")
		if err := s.Press(t.Context(), "92"); err != nil {
			t.Fatal(err)
		}
		released := time.Now()
		first := rings(t, b.carrier, "120")
		took := first.At.Sub(released)
		t.Logf("INVITE %s after the key", took)
		if took <= 300*time.Millisecond {
			return s, first
		}
		if tries == 20 {
			t.Fatalf("INVITE %s after the key, and never within 300 ms", took)
		}
		_ = s.Hangup(t.Context()) // another call is made
		b.recorded(t, "emergency")
	}
}

// recorded waits until the call is served and checks the outcome it was recorded with.
func (b *building) recorded(t *testing.T, outcome string) dispatch.Call {
	t.Helper()
	select {
	case <-b.served:
	case <-time.After(time.Minute):
		t.Fatal("the call is still being served")
	}
	calls, err := b.store.Calls(t.Context(), dispatch.Filter{})
	if b.calls++; err != nil || len(calls) != b.calls {
		t.Fatalf("%d calls recorded, want %d; %v", len(calls), b.calls, err)
	}
	c := slices.MaxFunc(calls, func(a, b dispatch.Call) int { return a.StartedAt.Compare(b.StartedAt) })
	if c.Outcome != outcome || c.EndedAt.IsZero() {
		t.Errorf("outcome %q, want %q: %+v", c.Outcome, outcome, c)
	}
	return c
}

// TestZZ_20_2_ZZ_20_3_RealNight: on a real Asterisk, the duty phone rings in vain, the backup is a
// mobile's voicemail that answers and presses nothing; then a message, marked urgent
// by #, and the leader's phone rings until 1 is pressed.
func TestZZ_20_2_ZZ_20_3_RealNight(t *testing.T) {
	b := build(t, night, func(p *ivr.Profile) {
		p.Duty.Ring, p.Duty.Accept = 10*time.Second, 4*time.Second // who answers may stand still for a while
	})
	s := b.dial(t)
	hears(t, s, "menu")
	if err := s.Press(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	rings(t, b.carrier, "13900000001")
	hears(t, s, "connecting-duty")
	machine, err := rings(t, b.carrier, "13900000002").Answer()
	if err != nil {
		t.Fatal(err)
	}
	hears(t, machine, "duty-accept")
	hears(t, s, "voicemail-intro", "tone-beep")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	s.Say(sipphone.Tone(440))
	<-ctx.Done()
	if err := s.Press(t.Context(), "#"); err != nil {
		t.Fatal(err)
	}
	leader, err := rings(t, b.carrier, "13900000003").Answer()
	if err != nil {
		t.Fatal(err)
	}
	hears(t, leader, "leader-alert")
	if err := leader.Press(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	hears(t, leader, "leader-confirmed")
	hears(t, s, "voicemail-urgent", "voicemail-thanks")
	<-s.Context().Done()
	c := b.recorded(t, "voicemail")
	mails, err := b.store.Voicemails(t.Context(), dispatch.Filter{})
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d voicemails, %v", len(mails), err)
	}
	if v := mails[0]; !v.Urgent || v.Order != c.Order || v.Duration < 2*time.Second {
		t.Errorf("voicemail %+v of call %+v", v, c)
	}
}
