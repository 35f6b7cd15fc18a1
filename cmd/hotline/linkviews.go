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
		all = append(all, console.Link{Name: h.Link, Up: h.Up, Since: at(h.Since), LastSeen: at(h.LastSeen),
			Inbound: h.Inbound, Receipts: h.Receipts, Window: h.Window, UnderWay: load.UnderWay, Rate: load.Rate,
			Sent: load.LastMinute, Detail: h.Detail})
	}
	return all
}
