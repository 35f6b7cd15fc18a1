package console

import (
	"context"
	"net/http"

	"hotline/dispatch"
)

// Hinting says what a request may be and what a command's fields may have; *dispatch.Office
// does it.
type Hinting interface {
	Suggest(ctx context.Context, a dispatch.Asked) (dispatch.Hints, error)
	SuggestFor(ctx context.Context, number string) (dispatch.Hints, error)
	Choices() map[string][]dispatch.Choice
	Found(question string, public bool) []dispatch.Entry
	Push(ctx context.Context, id, actor string) ([]dispatch.Pushed, error)
	Pushable(e dispatch.Entry) error
}

type hintView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Rule   string `json:"rule"` // empty: our own choice
}

type repeatView struct {
	Order  orderView `json:"order"`
	Reason string    `json:"reason"`
}

type hintsView struct {
	Types   []hintView   `json:"types"`
	Units   []hintView   `json:"units"`
	Repeats []repeatView `json:"repeats"`
}

func (c *Console) sendHints(w http.ResponseWriter, r request, h dispatch.Hints) error {
	v := hintsView{Types: viewHints(h.Types), Units: viewHints(h.Units), Repeats: []repeatView{}}
	for _, repeat := range h.Repeats {
		v.Repeats = append(v.Repeats, repeatView{c.orderView(r, repeat.Order), repeat.Reason})
	}
	return send(w, http.StatusOK, v)
}

func viewHints(all []dispatch.Hint) []hintView {
	list := []hintView{}
	for _, h := range all {
		list = append(list, hintView(h))
	}
	return list
}

// suggest says of a request that is being taken down what it may be, whose, and what it may
// repeat. The number is in the body, never in an address.
func (c *Console) suggest(w http.ResponseWriter, r request) error {
	var in struct {
		Phone   string `json:"phone"`
		Summary string `json:"summary"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	h, err := c.cfg.Office.Suggest(r.Context(), dispatch.Asked{Phone: in.Phone, Summary: in.Summary})
	if err != nil {
		return err
	}
	return c.sendHints(w, r, h)
}

// suggestFor is the same of an order that is registered.
func (c *Console) suggestFor(w http.ResponseWriter, r request) error {
	h, err := c.cfg.Office.SuggestFor(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	return c.sendHints(w, r, h)
}

// choices are the values that commands' fields may have at this hotline, and its units.
func (c *Console) choices(w http.ResponseWriter, r request) error {
	return send(w, http.StatusOK, c.cfg.Office.Choices())
}
