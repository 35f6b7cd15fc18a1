package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"hotline/dispatch"
)

var redPresses = table[dispatch.RedButton]{"red_presses", columns("seq at route prompt text reason made_by"),
	func(r *dispatch.RedButton) []any {
		return []any{&r.Seq, (*stamp)(&r.At), &r.Route, &r.Prompt, &r.Text, &r.Reason, &r.By}
	}}

// Red is dispatch.RedTx.
func (t *tx) Red() (dispatch.RedButton, error) { return lastRed(t.conn) }

// InsertRed is dispatch.RedTx.
func (t *tx) InsertRed(r dispatch.RedButton) error {
	n, err := t.exec(redPresses.insertSQL("ON CONFLICT (seq) DO NOTHING"), redPresses.fields(&r)...)
	return saved(n, err, dispatch.ErrConflict, fmt.Sprint("red press ", r.Seq))
}

// Red is dispatch.RedReader.
func (s *Store) Red(ctx context.Context) (dispatch.RedButton, error) { return lastRed(s.reader(ctx)) }

// RedPresses is dispatch.RedReader.
func (s *Store) RedPresses(ctx context.Context, limit int) ([]dispatch.RedButton, error) {
	return many(s.reader(ctx), redPresses, "ORDER BY seq DESC LIMIT ?", max(0, min(limit, maxLimit)))
}

func lastRed(c conn) (dispatch.RedButton, error) {
	r, err := one(c, redPresses, "ORDER BY seq DESC LIMIT 1")
	if errors.Is(err, errNoRow) {
		return dispatch.RedButton{}, nil
	}
	return r, err
}
