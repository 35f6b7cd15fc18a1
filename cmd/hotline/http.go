package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/ivr"
)

// routes puts the console, its API and the pages of the engineer under one handler.
func (a *app) routes() (http.Handler, error) {
	accounts, err := console.NewAccounts(time.Now) // by the machine's clock: a demo that moves ours stays logged in
	if err != nil {
		return nil, err
	}
	if err := errors.Join(accounts.Add(console.Account{Name: "admin", Roles: []console.Role{console.HotlineAdmin}}, a.set.AdminPassword), addAccounts(accounts, a.set.Accounts)); err != nil {
		return nil, err
	}
	if a.recordings, err = console.OpenFolder(a.set.recordings()); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	a.cleanups = append(a.cleanups, a.recordings.Close)
	a.console, err = console.New(console.Config{
		Office: loudOffice{a.office, a.alarm.Raise}, Record: a.store, Accounts: accounts, Audio: a.recordings,
		Desks: deskBoard{a.desks}, Switches: a.roll, Red: redPanel{a}, Steering: steering{a.runner, a.office, a.store, a.house.profile, a.house.units}, Calendar: a.almanac, Trading: trading{a}, Materials: os.DirFS(filepath.Join(a.set.RunDir, "materials")), Status: a.parts, Leaders: a.leaders, Links: a.linkViews,
		Types: a.house.policy.Types, Exceptions: a.house.policy.Redo.Exceptions, Clause: clauses(a.log),
		Title: a.house.profile.Name, Version: version(), Log: a.log.With("part", "console"),
		Now: a.clock.Now, After: a.clock.After,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", a.console)
	mux.Handle("GET /metrics", a.metrics.handler())
	mux.HandleFunc("GET /crew", a.tellStanding)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.readyz)
	if a.set.Dev {
		a.devRoutes(mux)
	}
	return mux, nil
}

// addAccounts makes an account of each line of a file, "name password role[,role] [unit]". No
// file is none.
func addAccounts(accounts *console.Accounts, file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	for n, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case len(words) < 3 || len(words) > 4:
			err = errors.New("want a name, a password, roles such as agent,duty_officer, and for a unit's people their unit")
		default:
			err = accounts.Add(accountOf(words), words[1])
		}
		if err != nil {
			return fmt.Errorf("accounts: %s:%d: %w", file, n+1, err)
		}
	}
	return nil
}

// accountOf reads the words of a line of at least three.
func accountOf(words []string) console.Account {
	who := console.Account{Name: words[0]}
	for r := range strings.SplitSeq(words[2], ",") {
		who.Roles = append(who.Roles, console.Role(r))
	}
	if len(words) == 4 {
		who.Unit = words[3]
	}
	return who
}

// devRoutes adds what only a development hotline has. Its clock is not for the pages of
// others that the developer has open in the same browser.
func (a *app) devRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /dev/clock", a.tellTime)
	mux.Handle("POST /dev/clock", http.NewCrossOriginProtection().Handler(http.HandlerFunc(a.moveTime)))
}

// serveHTTP serves until ctx ends.
func (a *app) serveHTTP(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 64 << 10}
	srv.RegisterOnShutdown(a.console.Close)
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(limit)
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-stopped
}

// parts is what the hotline depends on, for the status strip and for readiness.
func (a *app) parts(ctx context.Context) []console.Part {
	part := func(name string, err error) console.Part {
		p := console.Part{Name: name, Up: err == nil}
		if err != nil {
			p.Detail = err.Error()
		}
		return p
	}
	down := probe(ctx, a.store.Ping, func(ctx context.Context) error { return a.redis.Ping(ctx).Err() })
	all := append(a.switchParts(), part("SQL", down[0]), part("Redis", down[1]))
	for _, l := range a.gateway.Links() {
		kind := partLink
		if len(l.Serves) > 0 {
			kind = partPhones
		}
		all = append(all, console.Part{Name: kind + l.Link, Up: l.Up, Since: l.Since, Detail: l.Detail})
	}
	all = append(all, windowsPart(a.windows.Drift()))
	all = append(all, a.trunks.parts()...)
	return append(all, a.foresight()...)
}

// probeLimit is how long a part may take to say that it is up.
const probeLimit = time.Second

// probe asks parts side by side, so that one that hangs makes no other look down.
func probe(ctx context.Context, asks ...func(context.Context) error) []error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	answers := make([]error, len(asks))
	var asked sync.WaitGroup
	for i, ask := range asks {
		asked.Go(func() { answers[i] = ask(ctx) })
	}
	asked.Wait()
	return answers
}

// partLink begins the names of the links to carriers, partPhones of those that reach some
// phones alone, whose texts have another way.
const (
	partLink   = "SMS "
	partPhones = "SIP "
)

// only says whether a part is told of but fails nothing: what will be missing one day, one
// Asterisk of several, survey windows that SQL settles meanwhile, trunks, for whose sake no
// other controller would fare better, and officers' softphones, since texts reach officers
// otherwise too.
func only(part string) bool {
	return part == partCalendar || part == partRoster || part == partCut || part == partWindows ||
		strings.HasPrefix(part, partSwitch) || strings.HasPrefix(part, partTrunk) || strings.HasPrefix(part, partPhones)
}

// missing names what makes the hotline unready. Of several links to carriers one will do.
func missing(parts []console.Part) (names []string) {
	isLink := func(p console.Part) bool { return strings.HasPrefix(p.Name, partLink) }
	linked := slices.ContainsFunc(parts, func(p console.Part) bool { return p.Up && isLink(p) })
	for _, p := range parts {
		if !p.Up && !only(p.Name) && !(linked && isLink(p)) {
			names = append(names, p.Name)
		}
	}
	return names
}

// readyz answers 200 when everything is up, else 503 and what is missing.
func (a *app) readyz(w http.ResponseWriter, r *http.Request) {
	status, parts := http.StatusOK, a.parts(r.Context())
	if len(missing(parts)) > 0 {
		status = http.StatusServiceUnavailable
	}
	if a.draining.Load() {
		status = http.StatusServiceUnavailable
		parts = append(parts, console.Part{Name: "drain", Detail: "stopping: no new calls"})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(parts) // the probe has gone away: nobody to tell
}

// leaders are the numbers of the leaders on duty now.
func (a *app) leaders() []string {
	var numbers []string
	for _, o := range a.house.roster.At(a.clock.Now()).Leader {
		numbers = append(numbers, o.Phone)
	}
	return numbers
}

// tellTime says what time the hotline believes it is.
func (a *app) tellTime(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, a.clock.Now().In(dispatch.Place).Format(time.RFC3339Nano))
}

// moveTime sets the clock ({"set": RFC 3339}), stops it at an instant ({"stand": RFC 3339}) or
// moves it forward ({"advance": "25s"}).
func (a *app) moveTime(w http.ResponseWriter, r *http.Request) {
	var move struct{ Set, Stand, Advance string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&move); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, m := range []struct {
		to string
		do func(time.Time)
	}{{move.Set, a.clock.Set}, {move.Stand, a.clock.Stand}} {
		if m.to == "" {
			continue
		}
		to, err := time.Parse(time.RFC3339Nano, m.to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		m.do(to)
	}
	if move.Advance != "" {
		d, err := time.ParseDuration(move.Advance)
		if err != nil || d < 0 {
			http.Error(w, fmt.Sprintf("advance %q is not a duration forward", move.Advance), http.StatusBadRequest)
			return
		}
		a.clock.Advance(d)
	}
	a.tellTime(w, r)
}

// deskBoard shows the ivr's desks to the console in its words.
type deskBoard struct{ *ivr.Desks }

// List is part of console.Desks.
func (b deskBoard) List() []console.Desk {
	var all []console.Desk
	for _, d := range b.Desks.List() {
		all = append(all, console.Desk{Name: d.Name, Agent: d.Agent, State: string(d.State),
			Since: d.Since, Call: d.CallID, Taken: d.Taken})
	}
	return all
}
