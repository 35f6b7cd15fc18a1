package console

import (
	"io"
	"net/http"
	"time"

	"hotline/dispatch"
)

// exportFigures writes one table of figures: what came in (KF-3.6.2), each unit's orders on
// time (KF-A4.3.1), the suggestions (ZZ-10.10), the calls (SQ-4.2). Confidential orders are
// counted and never listed. Who exports, and why, is in the audit.
func (c *Console) exportFigures(w http.ResponseWriter, r request) error {
	var in struct {
		Table  dispatch.FigureKind `json:"table"`
		Since  time.Time           `json:"since"`
		Until  time.Time           `json:"until"`
		Format string              `json:"format"`
		Reason string              `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if c.cfg.Trading == nil {
		return noTrading
	}
	rows, err := c.cfg.Office.Figures(r.Context(), in.Table, in.Since, in.Until)
	if err != nil {
		return err
	}
	if err := c.cfg.Office.Audit(r.Context(), dispatch.Audit{Actor: r.actor(), Act: dispatch.ActExport, Subject: "figures",
		Text: string(in.Table) + ":" + in.Reason, Rule: "KF-3.6.2"}); err != nil {
		return err
	}
	return c.download(w, r, "figures-"+string(in.Table)+"."+in.Format, func(w io.Writer) error {
		return c.cfg.Trading.Table(w, in.Format, func(yield func([]string, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		})
	})
}
