package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"strings"
	"time"

	"hotline/dispatch"
)

// Archiving says what a month's volume has; *dispatch.Office does it.
type Archiving interface {
	Completed(ctx context.Context, year int, month time.Month) (iter.Seq2[dispatch.Order, error], error)
}

// volume exports what a month completed as one sealed volume (KF-3.7.1): each order's folder as
// its bundle of evidence has it, recordings and attachments among it, the month's other papers,
// sounds and pictures (KF-3.7.3, KF-3.7.4), and at the end the catalogue. Every file's hash is in
// the manifest, which is signed. What is confidential is left out as there (KF-3.1.5), and named.
func (c *Console) volume(w http.ResponseWriter, r request) error {
	var in struct {
		Month  string `json:"month"` // 2026-10
		Reason string `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	month, err := time.Parse("2006-01", in.Month)
	if err != nil {
		return unfit("month", "月份写作 2026-10")
	}
	if c.cfg.Trading == nil {
		return noTrading
	}
	if _, err := c.cfg.Trading.PublicKey(); err != nil { // before the first byte
		return err
	}
	orders, err := c.cfg.Office.Completed(r.Context(), month.Year(), month.Month())
	if err != nil {
		return err
	}
	papers, err := papersOf(c.cfg.Materials, in.Month)
	if err != nil {
		return err
	}
	if err := c.cfg.Office.Audit(r.Context(), dispatch.Audit{Actor: r.actor(), Act: dispatch.ActExport, Subject: "volume " + in.Month, Text: in.Reason, Rule: "KF-3.7.1"}); err != nil {
		return err
	}
	e := Evidence{Order: in.Month + " 归档卷", By: r.actor(), Reason: in.Reason, At: c.cfg.Now().UTC()}
	return c.download(w, r, "volume-"+in.Month+".zip", func(w io.Writer) error {
		return c.cfg.Trading.Seal(w, e, c.bound(r, orders, papers))
	})
}

// bookLine is a line of a volume's catalogue.
type bookLine struct {
	Serial    int        `json:"serial"`
	Order     string     `json:"order"` // and the name of its folder
	Type      string     `json:"type"`
	Completed *time.Time `json:"completed_at"`
	Files     []string   `json:"files"`
	Withheld  []string   `json:"withheld"`
}

// bound is all of a volume, one order after the other, so that a month is never in memory.
func (c *Console) bound(r request, orders iter.Seq2[dispatch.Order, error], papers []Piece) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		book := []bookLine{}
		for o, err := range orders {
			if err != nil {
				yield(Piece{}, err)
				return
			}
			f := &file{c: c, request: r, ctx: r.Context(), order: o, hider: c.hider()}
			if err := f.gather(); err != nil {
				yield(Piece{}, fmt.Errorf("order %s: %w", o.Number, err))
				return
			}
			line := bookLine{Serial: len(book) + 1, Order: o.Number, Type: dispatch.TypeWords[o.Type], Completed: moment(o.CompletedAt), Files: []string{},
				Withheld: append([]string{}, f.withheld...)}
			for _, p := range f.parts {
				line.Files = append(line.Files, p.Name)
				if p.Name = o.Number + "/" + p.Name; !yield(p, nil) {
					return
				}
			}
			book = append(book, line)
		}
		for _, p := range papers {
			if !yield(p, nil) {
				return
			}
		}
		text, err := json.MarshalIndent(book, "", " ")
		yield(Piece{Name: "catalogue.json", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(text))), nil }}, err)
	}
}

// papersOf are the papers of a month that belong to no order: speeches, instructions, minutes,
// sounds and pictures, as they lie in the month's folder.
func papersOf(dir fs.FS, month string) (all []Piece, err error) {
	if dir == nil {
		return nil, nil
	}
	err = fs.WalkDir(dir, month, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == month {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		all = append(all, Piece{Name: "materials/" + strings.TrimPrefix(name, month+"/"), Open: func() (io.ReadCloser, error) { return dir.Open(name) }})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("papers of %s: %w", month, err)
	}
	return all, nil
}
