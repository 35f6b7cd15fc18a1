package console

import (
	"net/http"
	"time"
)

// Link is one link to a carrier as the console shows it.
type Link struct {
	Name     string     `json:"name"`
	Up       bool       `json:"up"`
	Since    *time.Time `json:"since"`     // of the present Up or not-Up
	LastSeen *time.Time `json:"last_seen"` // last sign of life from the carrier
	Inbound  bool       `json:"inbound"`   // texts come in on it
	Receipts bool       `json:"receipts"`  // it reports deliveries
	Window   int        `json:"window"`    // texts under way at most; 0: no such bound
	UnderWay int        `json:"under_way"` // texts the carrier has not answered
	Rate     int        `json:"rate"`      // segments a second it may be given; 0: no limit
	Sent     int        `json:"sent"`      // segments the carrier took in the last minute, of this controller
	Detail   string     `json:"detail"`    // its last error, in words
}

// LinksView is how texts go.
type LinksView struct {
	Items []Link `json:"items"` // in order of preference
	Out   int    `json:"out"`   // texts that wait to be sent
	In    int    `json:"in"`    // texts that came in and are not handled
}

// links shows the links to carriers and what waits for them.
func (c *Console) links(w http.ResponseWriter, r request) error {
	view := LinksView{Items: []Link{}}
	if c.cfg.Links != nil {
		view.Items = append(view.Items, c.cfg.Links()...)
	}
	var err error
	if view.Out, view.In, err = c.cfg.Record.TextsWaiting(r.Context()); err != nil {
		return err
	}
	return send(w, http.StatusOK, view)
}
