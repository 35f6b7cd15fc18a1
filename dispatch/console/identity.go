package console

import (
	"net/http"

	"hotline/dispatch"
)

// identityBody is who a citizen says to be (XZ-12.1).
type identityBody struct {
	seen
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Number   string `json:"id_number"`
	Verified bool   `json:"verified"`
}

var identify = command(func(ctx ctxt, o Life, n string, by by, in identityBody) (order, error) {
	return o.Identify(ctx, n, by, dispatch.Person{Name: in.Name, Kind: in.Kind, Number: in.Number, Verified: in.Verified})
})

type personView struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	KindText string `json:"kind_text"`
	Number   string `json:"id_number"`
	Verified bool   `json:"verified"`
}

// identity shows who the citizen of an order said to be, for a reason that is kept (ZQ-24).
func (c *Console) identity(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	p, err := c.cfg.Office.Identity(r.Context(), r.PathValue("number"), r.actor(), reason)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, personView{Name: p.Name, Kind: p.Kind, KindText: dispatch.IdentityKinds[p.Kind], Number: p.Number, Verified: p.Verified})
}
