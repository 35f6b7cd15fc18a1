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
	Rests    *time.Time `json:"rests"`     // its carrier said that it is too fast: nothing is sent before
	Detail   string     `json:"detail"`    // its last error, in words
	Counts   LinkCounts `json:"counts"`    // of this controller, since it began
}

// LinkCounts are what a link did.
type LinkCounts struct {
	Taken      int `json:"taken"`      // segments the carrier took
	Throttled  int `json:"throttled"`  // segments it refused as too fast
	Refused    int `json:"refused"`    // segments it refused otherwise
	Unanswered int `json:"unanswered"` // requests without an answer in time
	Reports    int `json:"reports"`    // receipts that came in
	Texts      int `json:"texts"`      // segments of citizens that came in
	Again      int `json:"again"`      // deliveries it has to bring again, since they could not be stored
	Odd        int `json:"odd"`        // frames and answers that were not as they should be
	Connects   int `json:"connects"`
	Failures   int `json:"failures"` // to connect
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
