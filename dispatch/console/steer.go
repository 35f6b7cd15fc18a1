package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"hotline/dispatch"
)

// Steering is what an agent may do with a conversation. Errors are those of dispatch, with
// a text that may be shown: ErrNotFound, ErrInvalid, ErrConflict. One that begins "to: " or
// "do: " is about that field of the wish.
type Steering interface {
	Steer(ctx context.Context, w Wish) error
	Targets() []Target
}

// Wish is what somebody wants done with a conversation.
type Wish struct {
	Call string // its id
	Do   string
	To   string // a target's name or a telephone number, where one is needed
	By   dispatch.By
}

// Target is a unit or another hotline that calls may be transferred to.
type Target struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Number   string `json:"number"`
	External bool   `json:"external"` // outside our jurisdiction (ZZ-10.4)
	Reason   string `json:"reason"`   // why it cannot be rung; empty: it can (ZZ-6)
}

// targets lists whom agents may ask to a conversation.
func (c *Console) targets(w http.ResponseWriter, _ request) error {
	view := struct {
		Items []Target `json:"items"`
	}{Items: []Target{}}
	if c.cfg.Steering != nil {
		view.Items = append(view.Items, c.cfg.Steering.Targets()...)
	}
	return send(w, http.StatusOK, view)
}

// steer does something with the conversation of a call (ZZ-16.3, SQ-4.5.1, XZ-12.2).
func (c *Console) steer(w http.ResponseWriter, r request) error {
	var in struct {
		Do string `json:"do"`
		To string `json:"to"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if c.cfg.Steering == nil {
		return problem{Status: http.StatusNotFound, Detail: "没有这通来电"}
	}
	err := c.cfg.Steering.Steer(r.Context(), Wish{Call: r.PathValue("id"), Do: in.Do, To: in.To, By: r.by()})
	for kind, status := range map[error]int{dispatch.ErrNotFound: http.StatusNotFound,
		dispatch.ErrInvalid: http.StatusUnprocessableEntity, dispatch.ErrConflict: http.StatusConflict} {
		if errors.Is(err, kind) {
			p := problem{Status: status, Detail: strings.TrimSuffix(err.Error(), ": "+kind.Error()), Cause: err}
			if field, text, ok := strings.Cut(p.Detail, ": "); ok && (field == "to" || field == "do") {
				p.Field, p.Detail = field, text
			}
			return p
		}
	}
	if err != nil {
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "conversation steered", "call", r.PathValue("id"), "do", in.Do, "by", r.who.Account.Name)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
