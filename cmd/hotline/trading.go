package main

import (
	"context"
	"io"
	"iter"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/dispatch/trade"
)

// trading is the console's way to tables and bundles.
type trading struct{ a *app }

// Import is part of console.Trading. Orders are registered at once; the other kinds are files
// of this controller's folder, which it reads when it starts.
func (t trading) Import(ctx context.Context, in console.ImportJob) (console.ImportReport, error) {
	job := trade.Job{Kind: trade.Kind(in.Kind), Source: in.Source, Dry: in.Dry, OnlyGood: in.OnlyGood}
	if job.Kind == trade.Orders {
		rep, err := trade.Intake{Office: t.a.office, Record: t.a.store, Now: t.a.clock.Now}.Import(ctx, in.By, job)
		return reportView(rep), err
	}
	folder, err := folderOf(t.a.set.Deploy, t.a.set.Profile)
	if err != nil {
		return console.ImportReport{}, err
	}
	folder.Now = t.a.clock.Now
	rep, err := folder.Import(job)
	if err == nil && rep.Written {
		rep.Notes = append(rep.Notes, "重启热线后生效")
		err = t.a.office.Audit(context.WithoutCancel(ctx), dispatch.Audit{Actor: in.By, Act: dispatch.ActImport, Subject: in.Kind, Rule: "ZZ-4"})
	}
	return reportView(rep), err
}

func reportView(rep trade.Report) console.ImportReport {
	v := console.ImportReport{Kind: string(rep.Kind), Rows: rep.Rows, New: rep.New, Changed: rep.Changed, Same: rep.Same, Bad: rep.Bad,
		Written: rep.Written, Faults: []console.ImportFault{}, Notes: rep.Notes, Rejected: rep.Rejected}
	for _, f := range rep.Faults {
		v.Faults = append(v.Faults, console.ImportFault(f))
	}
	return v
}

// Table is part of console.Trading.
func (t trading) Table(w io.Writer, format string, rows iter.Seq2[[]string, error]) error {
	return trade.Write(w, format, rows)
}

// Seal is part of console.Trading.
func (t trading) Seal(w io.Writer, e console.Evidence, parts iter.Seq2[console.Piece, error]) error {
	key, err := trade.Key(t.a.set.RunDir)
	if err != nil {
		return err
	}
	about := trade.Evidence{Order: e.Order, Hotline: t.a.house.profile.Name, By: e.By, Reason: e.Reason, At: e.At, Withheld: append([]string{}, e.Withheld...)}
	return trade.Seal(w, key, about, func(yield func(trade.Part, error) bool) {
		for p, err := range parts {
			if !yield(trade.Part(p), err) {
				return
			}
		}
	})
}

// PublicKey is part of console.Trading.
func (t trading) PublicKey() (string, error) {
	key, err := trade.Key(t.a.set.RunDir)
	if err != nil {
		return "", err
	}
	return trade.PublicKey(key), nil
}
