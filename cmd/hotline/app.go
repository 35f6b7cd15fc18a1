package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/asterisk"
	"hotline/asterisk/redisnotes"
	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/dispatch/crew"
	"hotline/dispatch/redisnews"
	"hotline/dispatch/spool"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
	"hotline/ivr/redisdesks"
	"hotline/ivr/voice"
	"hotline/sms"
	"hotline/sms/survey"
)

// app is the whole hotline, wired. It is made by newApp, runs until its context ends,
// and holds nothing that has to survive it.
type app struct {
	set       settings
	log       *slog.Logger
	clock     *clock
	house     house
	store     *sqlstore.Store
	redis     *redis.Client
	crew      *crew.Member
	witnesses *witnesses
	began     time.Time
	windows   *survey.Windows
	gateway   *sms.Gateway
	owner     string      // this process, in its claims of texts
	estates   chan string // owners that are dead
	office    *dispatch.Office
	news      *redisnews.News
	spool     *spool.Spool
	notes     *redisnotes.Book
	tower     *asterisk.Fleet
	roll      *roll
	almanac   *almanac
	desks     *ivr.Desks
	trunks    *trunkWatch
	callers   *dispatch.CallerList
	red       *dispatch.RedLight
	alarm     *ivr.Alarm
	unitAlarm *ivr.Alarm // rings units' people on call
	surveyor  *ivr.Surveyor
	runner    *ivr.Runner
	metrics   *metrics
	studio    *voice.Studio // nil where no voice is installed
	console   *console.Console

	recordings *console.Folder
	handler    http.Handler
	draining   atomic.Bool
	cleanups   []func() error
}

// newApp wires everything in the order things depend on each other. It is one straight
// line on purpose: whoever asks where a part gets its parts from finds it here.
func newApp(ctx context.Context, set settings, clk *clock, log *slog.Logger) (_ *app, err error) {
	a := &app{set: set, log: log, clock: clk, began: clk.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.house, err = loadHouse(set); err != nil {
		return nil, err
	}
	if err := mayOpen(a.house.profile, set); err != nil {
		return nil, err
	}
	routes, err := set.outside.routes()
	if err != nil {
		return nil, err
	}
	plan, err := ivr.PlanEmergency(a.house.profile, routes, set.Production)
	if err != nil {
		return nil, err
	}

	if a.store, err = sqlstore.Open(ctx, set.DB); err != nil {
		return nil, fmt.Errorf("open %s: %w", redact(set.DB), err)
	}
	a.cleanups = append(a.cleanups, a.store.Close)
	secret, err := set.secret()
	if err != nil {
		return nil, err
	}
	if a.redis, err = openRedis(set.Redis); err != nil {
		return nil, err
	}
	a.cleanups = append(a.cleanups, a.redis.Close)
	if a.crew, err = crew.Join(ctx, crew.Config{Redis: a.redis, Node: set.Node, Beat: beat, Dead: deadAfter,
		Log: log.With("part", "crew")}); err != nil {
		return nil, err
	}
	a.witnesses = newWitnesses()
	a.windows, err = survey.New(survey.Config{Redis: a.redis, Secret: secret, Log: log.With("part", "survey"),
		Now: clk.Now, After: clk.After, UpTo: func() time.Time { return a.gateway.InboundUpTo() }})
	if err != nil {
		return nil, err
	}

	a.office = dispatch.NewOffice(dispatch.Config{Store: a.store, Policy: a.house.policy, Calendar: a.house.calendar,
		Windows: a.windows, Now: clk.Now, Log: log.With("part", "dispatch"),
		Receipts: func(link string) bool { return a.gateway.Receipts(link) },
		Officers: a.house.roster.Name, PhoneOf: a.house.roster.Phone, Units: a.house.units, Knowledge: a.house.knowledge, Secret: secret, Shift: a.house.roster.At, Wake: func() { a.gateway.Wake() },
		Discard: func(ctx context.Context, file string) error { return a.recordings.Discard(ctx, file) }})
	a.news = redisnews.New(a.redis, "hotline", log.With("part", "news"))
	a.almanac = newAlmanac(a)
	a.spool, err = spool.New(spool.Config{Dir: set.spool(), Office: a.office, Log: log.With("part", "spool"),
		Now: clk.Now, After: clk.After})
	if err != nil {
		return nil, err
	}
	links, ways, err := transports(a.house.links, linkTools{clock: clk, log: log})
	if err != nil {
		return nil, err
	}
	limits, err := set.textLimits()
	if err != nil {
		return nil, err
	}
	word := incarnation(a.crew)
	a.owner, a.estates = ownerOf(set.Node, word), make(chan string, mostEstates)
	a.gateway, err = sms.NewGateway(sms.Config{Outbox: a.store, Inbox: a.store, Transports: links, Routes: ways, Owner: a.owner,
		Sharers: a.crew.Count, Policy: sms.Policy{Limits: limits},
		Clock: clk, Log: log.With("part", "sms"), Signature: "【" + a.house.policy.Hotline.Signature + "】",
		OnMoved: a.office.TextMoved, OnInbound: a.office.TakeText, When: a.house.policy.SendTime})
	if err != nil {
		return nil, err
	}

	a.notes = redisnotes.New(a.redis, "hotline", log.With("part", "notes"))
	a.tower = asterisk.NewFleet(asterisk.Config{App: family, Node: set.Node, Incarnation: word,
		Clock: clk, Log: log.With("part", "asterisk"), Apology: a.apologise, Notebook: a.notes,
		Adopt: a.resume, Inherit: a.inherits, Lost: a.lost, Permit: a.permit})
	if a.roll, err = newRoll(a); err != nil {
		return nil, err
	}
	a.studio = a.openStudio(ctx)
	a.callers = dispatch.NewCallerList(a.store, clk.Now, log.With("part", "callers"))
	a.red = dispatch.NewRedLight(a.store, log.With("part", "red"))
	if err := a.red.Refresh(ctx); err != nil { // in force from the first call
		return nil, fmt.Errorf("red button: %w", err)
	}
	a.desks = ivr.NewDesks(clk.Now)
	a.desks.Share(ivr.Sharing{Board: redisdesks.New(a.redis, "hotline"), Node: set.Node, Lives: a.crew.Lives, Log: log.With("part", "desks")})
	a.desks.Plan(a.house.profile.Desks)
	if a.trunks, err = a.watchTrunks(routes); err != nil {
		return nil, err
	}
	a.metrics = newMetrics(a.gauges())
	alarms := ivr.AlarmConfig{Ringer: a.tower, Prompts: a.house.prompts, Roster: a.house.roster,
		Routes: routes, Clock: clk, Log: log.With("part", "alarm"), Orders: a.office, Observe: a.metrics.observe,
		Alone: a.ringAlone, CallerID: a.house.profile.Number, Language: a.house.profile.Language}
	a.alarm = ivr.NewAlarm(alarms)
	alarms.Orders, alarms.Rounds = unitCalls{a.office}, unitRounds
	a.unitAlarm = ivr.NewAlarm(alarms)
	a.runner, err = ivr.NewRunner(ivr.Config{Flow: a.house.flow, Profile: a.house.profile, Prompts: a.house.prompts,
		Emergency: plan, Routes: routes, Clock: clk, Log: log.With("part", "ivr"),
		Orders: a.spool, Inquiry: a.office, Book: a.spool, Roster: a.house.roster,
		Desks: a.desks, Alarm: a.alarm, NewID: callID, Fence: a.crew.Token, Limiter: a.limiter(secret), Screen: a.callers, Red: a.red, Worked: a.office.Worked, Unreached: a.office.Unreached, Observe: a.metrics.observe, Narrator: a.narrator()})
	if err != nil {
		return nil, err
	}
	a.tower.Handle(func(ctx context.Context, c *asterisk.Call) { a.runner.Serve(ctx, c) })
	a.surveyor = ivr.NewSurveyor(ivr.SurveyorConfig{Runner: a.runner, Ringer: a.tower, Surveys: a.office, Routes: routes, Clock: clk,
		Log: log.With("part", "survey"), Actor: "system:" + set.Node, CallerID: a.house.profile.Number})
	a.handler, err = a.routes()
	return a, err
}

// Run works until ctx ends, then drains: no new calls, live ones may finish within
// settings.Drain, then everything else stops in the reverse order of its dependence.
func (a *app) Run(ctx context.Context) error {
	listener, err := net.Listen("tcp", a.set.HTTP)
	if err != nil {
		return fmt.Errorf("console: %w", err)
	}
	parts, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var running sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		running.Go(func() {
			if err := a.guarded(parts, run); err != nil && parts.Err() == nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("console", func(ctx context.Context) error { return a.serveHTTP(ctx, listener) })
	start("sms", a.gateway.Run)
	start("texts", a.inheritTexts)
	start("survey", func(ctx context.Context) error { return a.windows.Run(ctx, a.office, a.office) })
	start("crew", a.stay)
	start("news", func(ctx context.Context) error { a.news.Run(ctx, colleague{a.office, a.red}); return nil })
	start("desks", func(ctx context.Context) error { a.desks.Run(ctx); return nil })
	start("sweep", a.once("sweep", a.sweep)) // SQL ends each survey and does each act once
	start("sweepwatch", a.watchSweep)
	start("spool", a.spool.Run)
	start("import", a.onceHere("import", a.importFallback)) // the dialplan's ids are keys in SQL
	start("notes", a.notes.Run)
	start("heir", a.inherit)
	start("reach", a.reach)
	start("takeover", a.once("takeover", a.endRecords)) // a record that has its end keeps it
	start("urgent", a.once("urgent", a.recallUrgent))   // an alarm is rung for by ringAlone
	start("narrate", a.narrate)
	start("calendar", a.almanac.Run) // SQL counts an order again once
	start("alarm", func(ctx context.Context) error { a.alarm.Run(ctx); return nil })
	start("unitalarm", func(ctx context.Context) error { a.unitAlarm.Run(ctx); return nil })
	start("surveyor", func(ctx context.Context) error { a.surveyor.Run(ctx); return nil }) // each call is claimed in SQL
	start("callers", func(ctx context.Context) error { return a.callers.Run(ctx, a.clock.After) })
	start("red", func(ctx context.Context) error { return a.red.Run(ctx, a.clock.After) })
	start("announce", a.voiceRed)
	start("trunks", a.trunks.Run)
	a.roll.align(parts) // before the first call: one may be drained
	start("switches", a.roll.Run)
	start("gate", a.keepGates) // a lock beside each Asterisk says whose is at work
	start("asterisk", a.tower.Run)
	a.log.Info("hotline serves", "node", a.set.Node, "profile", a.set.Profile, "console", "http://"+listener.Addr().String())

	select {
	case <-ctx.Done():
	case <-parts.Done():
	}
	failed := context.Cause(parts)
	if !anew(failed) {
		a.drain(parts)
		failed = context.Cause(parts)
	}
	stop(nil)
	running.Wait()
	return errors.Join(failed, a.close())
}

// guarded makes an error of a part's panic: live calls are then drained, not cut off.
func (a *app) guarded(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("panic", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return run(ctx)
}

// drain takes no new calls and waits for the live ones, at most settings.Drain.
func (a *app) drain(ctx context.Context) {
	a.log.Info("draining", "calls", len(a.runner.Live()), "limit", a.set.Drain)
	limit, cancel := context.WithTimeout(ctx, a.set.Drain)
	defer cancel()
	a.tower.Drain()
	a.draining.Store(true) // whoever reads so may rely on it
	a.surveyor.Drain()
	if err := a.surveyor.Wait(limit); err != nil {
		a.log.Warn("surveys' calls left at the drain limit", "err", err)
	}
	if err := a.tower.Wait(limit); err != nil {
		others := a.crew.Others()
		a.log.Warn("calls left at the drain limit", "calls", len(a.runner.Live()), "to", others, "err", err)
		if len(others) > 0 { // they go on with them
			a.tower.Leave()
		}
	}
	if err := a.runner.Wait(limit); err != nil {
		a.log.Warn("records not written at the drain limit", "err", err)
	}
}

// close gives back what newApp opened, last first.
func (a *app) close() error {
	var errs []error
	for i := len(a.cleanups) - 1; i >= 0; i-- {
		errs = append(errs, a.cleanups[i]())
	}
	a.cleanups = nil
	return errors.Join(errs...)
}
