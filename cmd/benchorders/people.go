package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// worked is what people did at the console.
type worked struct {
	in       string
	took     map[string][]time.Duration // by what they asked for
	done     int                        // commands that were acknowledged
	late     int                        // that somebody else was faster with (409)
	refused  map[string]int             // anything else that is not 2xx, by status and what
	missing  []string                   // what was acknowledged and does not stand in the record
	duration time.Duration
}

// place is the console while people work, and what they were told.
type place struct {
	*house
	url    string
	mu     sync.Mutex
	w      worked
	told   map[string][]string // order → kinds of events that must stand in its timeline
	shared string              // the order on which everybody notes something
}

const password = "correct horse battery staple"

// peopleWork lets clerks and units work at the console and then looks whether all of it
// stands in the record.
func (h *house) peopleWork(ctx context.Context) (worked, error) {
	accounts, err := console.NewAccounts(time.Now)
	if err != nil {
		return worked{}, err
	}
	desk, err := console.New(console.Config{Office: h.Office, Record: h.store, Accounts: accounts, Types: h.policy.Types, Title: h.policy.Hotline.Name, Now: time.Now})
	if err != nil {
		return worked{}, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return worked{}, err
	}
	server := &http.Server{Handler: desk, ReadHeaderTimeout: 10 * time.Second}
	server.RegisterOnShutdown(desk.Close)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }() // it ends by Close
	defer func() { server.Close(); <-ended }()
	p := &place{house: h, url: "http://" + listener.Addr().String(), told: map[string][]string{},
		w: worked{took: map[string][]time.Duration{}, refused: map[string]int{}}}
	order, err := h.register(ctx)
	if err != nil {
		return worked{}, err
	}
	p.shared = order.Number
	var people []*person
	add := func(name, unit string, roles ...console.Role) error {
		people = append(people, &person{place: p, name: name, unit: unit, http: &http.Client{Timeout: 30 * time.Second}})
		return accounts.Add(console.Account{Name: name, Unit: unit, Roles: roles}, password)
	}
	for i := range h.o.Clerks {
		if err := add(fmt.Sprintf("clerk%02d", i+1), "", console.Agent, console.DutyLeader); err != nil {
			return worked{}, err
		}
	}
	for _, u := range h.units {
		if err := add(u.ID, u.ID, console.UnitHandler); err != nil {
			return worked{}, err
		}
	}
	fmt.Fprintf(h.o.progress, "%d people work for %s\n", len(people), h.o.For)
	if err := p.letWork(ctx, people); err != nil {
		return worked{}, err
	}
	return p.w, p.audit(ctx)
}

// letWork logs everybody in and lets them work for the time.
func (p *place) letWork(ctx context.Context, people []*person) error {
	for _, who := range people {
		if err := who.logIn(ctx); err != nil {
			return fmt.Errorf("%s: %w", who.name, err)
		}
	}
	began := time.Now()
	hours, end := context.WithTimeout(ctx, p.o.For)
	defer end()
	var all sync.WaitGroup
	for _, who := range people {
		all.Go(func() {
			for who.rest(hours) {
				who.once(ctx)
			}
		})
	}
	all.Wait()
	p.w.duration = time.Since(began)
	return ctx.Err()
}

// audit looks whether everything that was acknowledged stands in the record.
func (p *place) audit(ctx context.Context) error {
	for number, kinds := range p.told {
		events, err := p.store.Events(ctx, number)
		if err != nil {
			return err
		}
		for _, e := range events {
			if i := slices.Index(kinds, e.Kind); i >= 0 {
				kinds = slices.Delete(kinds, i, i+1)
			}
		}
		for _, k := range kinds {
			p.w.missing = append(p.w.missing, number+" "+k)
		}
	}
	return nil
}

// person is one of those who work.
type person struct {
	*place
	name, unit, token string
	http              *http.Client
}

// rest is the pause between two things; false at the end of the day.
func (w *person) rest(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(w.o.Pause/2 + rand.N(w.o.Pause)):
		return true
	}
}

func (w *person) logIn(ctx context.Context) error {
	var s struct {
		Token string `json:"token"`
	}
	if status := w.ask(ctx, question{what: "log in", method: "POST", path: "/login", body: map[string]any{"account": w.name, "password": password, "bearer": true}, into: &s}); status != http.StatusOK || s.Token == "" {
		return fmt.Errorf("log in: status %d", status)
	}
	w.token = s.Token
	return nil
}

// shown is what people read of an order.
type shown struct {
	Number  string `json:"number"`
	Version int    `json:"version"`
	State   string `json:"state"`
}

// once is one thing somebody does.
func (w *person) once(ctx context.Context) {
	switch n := rand.IntN(10); {
	case w.unit != "" && n < 5:
		w.take(ctx, "dispatched", func(o shown) { w.command(ctx, o, command{"sign", map[string]any{}, dispatch.OnSigned}) })
	case w.unit != "":
		w.take(ctx, "signed", func(o shown) {
			body := map[string]any{"how": "phone", "evidence": "rec", "told_due": true}
			if next, ok := w.command(ctx, o, command{"contact", body, dispatch.OnContacted}); ok {
				w.command(ctx, next, command{"submit", w.answer(), dispatch.OnSubmitted})
			}
		})
	case n < 4:
		w.registers(ctx)
	case n < 7:
		w.take(ctx, "submitted", func(o shown) {
			w.command(ctx, o, command{"pass", map[string]any{"checks": w.policy.Life.Review.Checks}, dispatch.OnReviewPassed})
		})
	case n < 8:
		w.command(ctx, shown{Number: w.shared}, command{"note", map[string]any{"text": "催一下,来自" + w.name}, dispatch.OnNote})
	default:
		var o shown
		w.ask(ctx, question{what: "read an order", method: "GET", path: "/orders/" + w.shared, into: &o})
		w.ask(ctx, question{what: "read its timeline", method: "GET", path: "/orders/" + w.shared + "/events?limit=100"})
	}
}

// registers takes a request and gives it to a unit.
func (w *person) registers(ctx context.Context) {
	var o shown
	body := map[string]any{"type": "help", "channel": "phone", "phone": fmt.Sprintf("136%08d", rand.IntN(100_000_000)), "name": "李女士", "summary": "楼道照明损坏,请维修"}
	if w.ask(ctx, question{what: "register", method: "POST", path: "/orders", body: body, into: &o}) != http.StatusCreated {
		return
	}
	w.was(o.Number, dispatch.OnRegistered)
	w.command(ctx, o, command{"dispatch", map[string]any{"lead": w.units[rand.IntN(len(w.units))].ID, "words": "请尽快处理"}, dispatch.OnDispatched})
}

// take reads a work list and does something with one of its orders, which somebody else may
// take as well.
func (w *person) take(ctx context.Context, state string, do func(shown)) {
	var list struct {
		Items []shown `json:"items"`
	}
	if w.ask(ctx, question{what: "read a work list", method: "GET", path: "/work?limit=50&state=" + state, into: &list}) == http.StatusOK && len(list.Items) > 0 {
		do(list.Items[rand.IntN(len(list.Items))])
	}
}

// command is one that the console knows, and the event that it must leave.
type command struct {
	name  string
	body  any
	event string
}

// command gives a command for an order as it was seen.
func (w *person) command(ctx context.Context, o shown, c command) (next shown, ok bool) {
	status := w.ask(ctx, question{what: c.name, method: "POST", path: "/orders/" + o.Number + "/" + c.name, body: c.body, into: &next, version: o.Version})
	if ok = status/100 == 2; ok {
		w.was(o.Number, c.event)
	}
	return next, ok
}

// was notes what the console acknowledged.
func (w *person) was(number, kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.w.done++
	w.told[number] = append(w.told[number], kind)
}

// question is a request to the console.
type question struct {
	what, method, path string
	body               any // nil: none
	into               any // nil: the answer is not read
	version            int // of the order as it was seen; 0: none
}

// ask makes a request and counts it; 0 is no answer.
func (w *person) ask(ctx context.Context, q question) int {
	var text []byte
	if q.body != nil {
		text, _ = json.Marshal(q.body) // maps of words and numbers
	}
	r, err := http.NewRequestWithContext(ctx, q.method, w.url+"/api/v1"+q.path, bytes.NewReader(text))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+w.token)
	if q.version > 0 {
		r.Header.Set("If-Match", fmt.Sprintf(`"%d"`, q.version))
	}
	began := time.Now()
	res, err := w.http.Do(r)
	status, answer := 0, []byte(nil)
	if err == nil {
		answer, err = io.ReadAll(res.Body)
		status = res.StatusCode
		res.Body.Close()
	}
	took := time.Since(began)
	if err == nil && status/100 == 2 && q.into != nil && len(answer) > 0 {
		err = json.Unmarshal(answer, q.into)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.w.took[q.what] = append(w.w.took[q.what], took)
	switch {
	case err != nil:
		w.w.refused[fmt.Sprintf("%s: %v", q.what, err)]++
	case status == http.StatusConflict:
		w.w.late++
	case status/100 != 2:
		w.w.refused[fmt.Sprintf("%s: %d %s", q.what, status, answer)]++
	}
	return status
}
