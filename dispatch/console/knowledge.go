package console

import (
	"net/http"

	"hotline/dispatch"
)

// knowledge is what the hotline's people look up, q= being words of it: what is urgent first,
// and what is internal with it, which may not be quoted to a citizen (ZQ-22.2).
func (c *Console) knowledge(w http.ResponseWriter, r request) error {
	return send(w, http.StatusOK, page[entryView]{Items: c.viewEntries(c.cfg.Office.Found(r.URL.Query().Get("q"), false))})
}

// publicKnowledge is what everybody may look up. Nothing internal is in it (ZQ-22.2).
func (c *Console) publicKnowledge(w http.ResponseWriter, r request) error {
	return send(w, http.StatusOK, page[entryView]{Items: c.viewEntries(c.cfg.Office.Found(r.URL.Query().Get("q"), true))})
}

type entryView struct {
	dispatch.Entry
	Quotable bool `json:"quotable"` // it may be used in an answer to a citizen
	Pushable bool `json:"pushable"` // enterprises may be told of it (XZ-6.1)
}

func (c *Console) viewEntries(all []dispatch.Entry) []entryView {
	list := []entryView{}
	for _, e := range all {
		if e.Tags == nil {
			e.Tags = []string{}
		}
		list = append(list, entryView{e, e.Audience == dispatch.External, c.cfg.Office.Pushable(e) == nil})
	}
	return list
}

type pushedView struct {
	Company string `json:"company"`
	Skipped string `json:"skipped"` // no_consent, no_mobile, opted_out; empty: it is texted
}

// pushEntry tells the enterprises that an entry is for of it (XZ-6.1).
func (c *Console) pushEntry(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	all, err := c.cfg.Office.Push(r.Context(), r.PathValue("id"), r.actor())
	if err != nil {
		return err
	}
	list := page[pushedView]{Items: []pushedView{}}
	for _, p := range all {
		list.Items = append(list.Items, pushedView(p))
	}
	return send(w, http.StatusOK, list)
}
