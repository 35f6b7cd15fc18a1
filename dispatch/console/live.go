package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"hotline/dispatch"
)

// desksView is who sits where.
type desksView struct {
	Items []Desk `json:"items"`
}

// desks lists the agents' places.
func (c *Console) desks(w http.ResponseWriter, _ request) error {
	view := desksView{Items: []Desk{}}
	if c.cfg.Desks != nil {
		view.Items = append(view.Items, c.cfg.Desks.List()...)
	}
	return send(w, http.StatusOK, view)
}

// signIn seats an agent: from now on the desk is rung.
func (c *Console) signIn(w http.ResponseWriter, r request) error {
	var in struct {
		Agent string `json:"agent"` // default: the account
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if in.Agent == "" {
		in.Agent = r.who.Account.Name
	}
	if len(in.Agent) > maxAccount {
		return invalid("agent", "坐席姓名过长")
	}
	return c.seat(w, r, dispatch.Audit{Act: dispatch.ActDeskIn, Text: in.Agent}, func(name string) bool { return c.cfg.Desks.SignIn(name, in.Agent) })
}

// signOut takes a desk out of the ringing.
func (c *Console) signOut(w http.ResponseWriter, r request) error {
	var in struct {
		AfterCall bool `json:"after_call"` // to write up a call: still on duty
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if in.AfterCall {
		return c.seat(w, r, dispatch.Audit{Act: dispatch.ActDeskAfter}, func(name string) bool { return c.cfg.Desks.WriteUp(name) })
	}
	return c.seat(w, r, dispatch.Audit{Act: dispatch.ActDeskOut}, func(name string) bool { return c.cfg.Desks.SignOut(name) })
}

// seat changes a desk, and keeps when: agents' figures go by it (KF-3.6.1). A desk is changed
// though that cannot be kept, for citizens call all the same.
func (c *Console) seat(w http.ResponseWriter, r request, a dispatch.Audit, change func(name string) bool) error {
	if c.cfg.Desks == nil || !change(r.PathValue("name")) {
		return problem{Status: http.StatusNotFound, Detail: "没有这个坐席"}
	}
	a.Actor, a.Subject, a.Rule = r.actor(), dispatch.DeskSubject(r.PathValue("name")), "KF-3.6.1"
	if err := c.cfg.Office.Audit(r.Context(), a); err != nil {
		c.cfg.Log.WarnContext(r.Context(), "it is not kept that a desk changed", "desk", a.Subject, "act", a.Act, "err", err)
	}
	c.cfg.Log.InfoContext(r.Context(), "desk changed", "desk", r.PathValue("name"), "by", r.who.Account.Name, "route", r.Pattern)
	return c.desks(w, r)
}

// statusView is the strip on top of the page.
type statusView struct {
	Title   string     `json:"title"`
	Version string     `json:"version"`
	Now     time.Time  `json:"now"` // the hotline's clock, by which the page counts down
	Parts   []Part     `json:"parts"`
	Types   []typeView `json:"types"`
	Todo    todoView   `json:"todo"`
	Red     RedView    `json:"red"` // how the red button stands
}

type typeView struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// todoView counts what waits for people, up to 100 each.
type todoView struct {
	Voicemails int `json:"voicemails"`
	Surveys    int `json:"surveys"`
	Callbacks  int `json:"callbacks"`
	Reviews    int `json:"reviews"`
}

// status tells how the hotline is, and what waits.
func (c *Console) status(w http.ResponseWriter, r request) error {
	view := statusView{Title: c.cfg.Title, Version: c.cfg.Version, Now: c.cfg.Now().UTC(),
		Parts: append([]Part{}, c.cfg.Status(r.Context())...), Types: []typeView{}}
	if c.cfg.Red != nil {
		view.Red = viewRed(c.cfg.Red.Red())
	}
	for _, t := range c.cfg.Types {
		view.Types = append(view.Types, typeView{string(t), dispatch.TypeWords[t]})
	}
	if r.unit != "" { // what the hotline consists of and has to do is nothing of a unit's
		view.Parts = []Part{}
		return send(w, http.StatusOK, view)
	}
	waiting := dispatch.Filter{Open: true, Limit: 100}
	v, errV := c.cfg.Record.Voicemails(r.Context(), waiting)
	s, errS := c.cfg.Record.Surveys(r.Context(), waiting)
	b, errB := c.cfg.Record.Callbacks(r.Context(), waiting)
	d, errD := c.cfg.Record.Reviews(r.Context(), waiting)
	if errV != nil || errS != nil || errB != nil || errD != nil {
		// The strip must work when the record does not: that is when it is looked at.
		c.cfg.Log.WarnContext(r.Context(), "what waits is not known", "voicemails", errV, "surveys", errS, "callbacks", errB, "reviews", errD)
	}
	view.Todo = todoView{Voicemails: len(v), Surveys: len(s), Callbacks: len(b), Reviews: len(d)}
	return send(w, http.StatusOK, view)
}

// heartbeat is the pace of event streams: it keeps proxies from closing them and notices
// readers that are gone; a reader who takes longer than the console's patience is gone too.
const heartbeat = 15 * time.Second

// events streams what changes, as server-sent events, until the session ends. It
// carries kinds and ids only.
func (c *Console) events(w http.ResponseWriter, r request) error {
	select {
	case c.live <- struct{}{}:
		defer func() { <-c.live }()
	default:
		return problem{Status: http.StatusServiceUnavailable, Detail: "实时连接过多，请稍后再试"}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	notices := c.cfg.Office.Subscribe(ctx)
	s := stream{w: w, control: http.NewResponseController(w), patience: c.patience}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if s.write(": connected\nretry: 2000\n\n") != nil {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.closed:
			return nil
		case n, open := <-notices:
			if r.unit != "" {
				n.ID = "" // others' orders do not exist for a unit (ZZ-10.8)
			}
			if !open || s.notice(n) != nil {
				return nil
			}
		case <-c.cfg.After(heartbeat):
			if _, err := c.who(r.Request); err != nil || s.write(": \n\n") != nil {
				return nil // logged out, expired, or gone
			}
		}
	}
}

// stream writes events with a deadline each, so that a stuck reader holds nothing up.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController

	patience time.Duration
}

func (s stream) notice(n dispatch.Notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", n.Kind, body))
}

func (s stream) write(text string) error {
	// The connection lives by the machine's clock, not by the hotline's. A writer
	// without deadlines (a test's recorder) is as good without one.
	_ = s.control.SetWriteDeadline(time.Now().Add(s.patience))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
