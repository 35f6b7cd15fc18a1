package main

import (
	"time"

	"hotline/dispatch/console"
)

// linkViews is how each link to a carrier is, for the console.
func (a *app) linkViews() []console.Link {
	var all []console.Link
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	for _, h := range a.gateway.Links() {
		load := a.gateway.Load(h.Link)
		st := h.Stats
		all = append(all, console.Link{Name: h.Link, Up: h.Up, Since: at(h.Since), LastSeen: at(h.LastSeen),
			Inbound: h.Inbound, Receipts: h.Receipts, Window: h.Window, UnderWay: load.UnderWay, Rate: load.Rate,
			Sent: load.LastMinute, Rests: at(load.Rests), Detail: h.Detail, Counts: console.LinkCounts{
				Taken: st.Answers - st.Throttled - st.Refused, Throttled: st.Throttled, Refused: st.Refused, Unanswered: st.Timeouts,
				Reports: st.Receipts, Texts: st.Texts, Again: st.Again, Odd: st.Unasked + st.Malformed + st.Oversize,
				Connects: st.Binds, Failures: st.Failures}})
	}
	return all
}
