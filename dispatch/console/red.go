package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/dispatch"
)

// RedButton is the switch of the whole hotline (ZQ-21.3). Errors of Press are those of
// dispatch: ErrInvalid with a text that may be shown, ErrConflict.
type RedButton interface {
	Red() dispatch.RedButton // as it stands, from memory
	Press(ctx context.Context, r dispatch.RedButton) (dispatch.RedButton, error)
	Announcements() []Announcement
	RedPresses(ctx context.Context, limit int) ([]dispatch.RedButton, error)
}

// Announcement is a prompt that everybody may be made to hear first.
type Announcement struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// RedView is a press of the red button as the API shows it.
type RedView struct {
	Seq          int64      `json:"seq"`
	On           bool       `json:"on"` // something is other than usual
	Route        string     `json:"route"`
	Announcement string     `json:"announcement"` // a prompt's id
	Text         string     `json:"text"`         // or the announcement in words
	Words        string     `json:"words"`        // what it does, in Chinese
	Reason       string     `json:"reason"`
	By           string     `json:"by"`
	At           *time.Time `json:"at"`
}

// NewRed is a press of the red button: route usual without an announcement lets it go.
type NewRed struct {
	Route        string `json:"route"` // usual, desks, duty
	Announcement string `json:"announcement,omitempty"`
	Text         string `json:"text,omitempty"`
	Reason       string `json:"reason"`
}

func viewRed(r dispatch.RedButton) RedView {
	if r.Seq == 0 {
		r.Route = dispatch.RedUsual
	}
	return RedView{Seq: r.Seq, On: r.On(), Route: r.Route, Announcement: r.Prompt, Text: scrub(r.Text, false), Words: r.String(),
		Reason: scrub(r.Reason, false), By: r.By, At: moment(r.At)}
}

// RedPage is all there is to know of the button.
type RedPage struct {
	Now           RedView        `json:"now"`
	Announcements []Announcement `json:"announcements"`
	Presses       []RedView      `json:"presses"` // newest first, at most 50
}

// red shows the button, what may be announced, and who pressed it.
func (c *Console) red(w http.ResponseWriter, r request) error {
	if c.cfg.Red == nil {
		return noRed
	}
	view := RedPage{Now: viewRed(c.cfg.Red.Red()), Announcements: append([]Announcement{}, c.cfg.Red.Announcements()...), Presses: []RedView{}}
	presses, err := c.cfg.Red.RedPresses(r.Context(), 50)
	if err != nil {
		return err
	}
	for _, p := range presses {
		view.Presses = append(view.Presses, viewRed(p))
	}
	return send(w, http.StatusOK, view)
}

// noRed is the answer where there is no button.
var noRed = problem{Status: http.StatusNotFound, Detail: "没有红色按钮"}

// pressRed presses it; every controller follows within two seconds.
func (c *Console) pressRed(w http.ResponseWriter, r request) error {
	var in NewRed
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if c.cfg.Red == nil {
		return noRed
	}
	red, err := c.cfg.Red.Press(r.Context(), dispatch.RedButton{Route: in.Route, Prompt: in.Announcement, Text: in.Text,
		Reason: in.Reason, By: r.actor()})
	switch {
	case errors.Is(err, dispatch.ErrInvalid):
		return problem{Status: http.StatusUnprocessableEntity, Detail: err.Error(), Cause: err}
	case errors.Is(err, dispatch.ErrConflict):
		return problem{Status: http.StatusConflict, Detail: "另一人刚刚按下,请先看现在的状态", Cause: err}
	case err != nil:
		return err
	}
	return send(w, http.StatusOK, viewRed(red))
}
