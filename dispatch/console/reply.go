package console

import (
	"context"
	"net/http"
	"time"

	"hotline/dispatch"
)

// Publishing says what is public, and makes it so; *dispatch.Office does.
type Publishing interface {
	SetReply(ctx context.Context, number string, by dispatch.By, r dispatch.Replying) (dispatch.Order, error)
	Published(ctx context.Context, limit, offset int) ([]dispatch.Published, error)
}

type replyBody struct {
	seen
	Mode   string `json:"mode"`
	Reason string `json:"reason"`
}

// reply is the command that says how an order is answered (ZZ-9.2, ZZ-25).
func reply() serve {
	return command(func(ctx ctxt, o Life, n string, by by, in replyBody) (order, error) {
		return o.SetReply(ctx, n, by, dispatch.Replying{Mode: in.Mode, Reason: in.Reason})
	})
}

// publishedView is an answer as the public site shows it. It has no number: with one somebody
// could try query codes.
type publishedView struct {
	TypeText string     `json:"type_text"`
	Summary  string     `json:"summary"`
	Result   string     `json:"result"`
	At       *time.Time `json:"completed_at"`
}

// published lists what is for everybody, for the public site to take (ZZ-9.2). Of anything else
// there is not a word in it (ZZ-25); phone numbers and names by which people say who they are
// are hidden as an informant's are.
func (c *Console) published(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Office.Published(r.Context(), f.Limit, f.Offset)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, paged(f, rows, func(p dispatch.Published) publishedView {
		return publishedView{TypeText: dispatch.TypeWords[p.Type], Summary: scrub(p.Summary, true), Result: scrub(p.Result, true), At: moment(p.At)}
	}))
}
