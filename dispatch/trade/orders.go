package trade

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/dispatch"
)

// Office takes requests; *dispatch.Office does it.
type Office interface {
	Acceptable(in dispatch.Intake) error
	Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error)
	Audit(ctx context.Context, a dispatch.Audit) error
}

// Record says what was taken before; a dispatch.Reader does it.
type Record interface {
	OrderOfKey(ctx context.Context, key string) (string, error)
	OrderBy(ctx context.Context, number string) (dispatch.Order, error)
}

// Intake brings orders in through the office's own intake.
type Intake struct {
	Office Office
	Record Record
	Now    func() time.Time
}

// Import takes a table of orders: each is registered as if it had come when the table says,
// so that its deadline counts from then by the policy, and is marked with the number it had
// (SQ-2.3). Nobody is texted. A number that was brought in before is the same order, and
// wrong if the table now says something else of it. The whole table is looked at before the
// first order is registered; each is then a transaction of its own, so that calls go on
// meanwhile. Where the database fails in between, the error says so, and the same table
// again takes the rest.
func (i Intake) Import(ctx context.Context, by string, job Job) (Report, error) {
	rep := Report{Kind: Orders, Faults: []Fault{}, Notes: []string{}}
	t, records, err := open(job)
	if err != nil {
		return rep.refuse(err)
	}
	once(records, func(r *record) string { return r.v["key"] }, "key")
	news := map[*record]dispatch.Intake{}
	for _, r := range records {
		if len(r.wrong) > 0 {
			continue
		}
		in, err := r.intake(by)
		if err != nil {
			return rep, err
		}
		if in.At.After(i.Now()) {
			r.fault("at", "还没到这个时间")
		}
		if err := i.Office.Acceptable(in); err != nil {
			r.fault("type", "本热线不受理这类诉求")
		}
		fresh, err := i.compare(ctx, r, in)
		if err != nil {
			return rep, err
		}
		if len(r.wrong) == 0 {
			rep.count(fresh, false)
		}
		if fresh {
			news[r] = in
		}
	}
	if err := rep.close(job, t, records); err != nil {
		return rep, err
	}
	if job.Dry || rep.Bad > 0 && !job.OnlyGood || rep.New == 0 {
		return rep, nil
	}
	return rep, i.write(ctx, by, &rep, sorted(records, news))
}

// sorted are the requests of the rows that are right, in the order of the rows.
func sorted(records []*record, news map[*record]dispatch.Intake) (list []dispatch.Intake) {
	for _, r := range records {
		if in, ok := news[r]; ok && len(r.wrong) == 0 {
			list = append(list, in)
		}
	}
	return list
}

// write registers the requests and notes in the audit what came of it.
func (i Intake) write(ctx context.Context, by string, rep *Report, list []dispatch.Intake) error {
	var failed error
	done := 0
	for _, in := range list {
		if _, failed = i.Office.Open(ctx, in); failed != nil {
			failed = fmt.Errorf("orders: %d of %d were taken; the same file again takes the rest: %w", done, len(list), failed)
			break
		}
		done++
	}
	rep.Written = done > 0
	err := i.Office.Audit(context.WithoutCancel(ctx), dispatch.Audit{Actor: by, Act: dispatch.ActImport, Subject: string(Orders),
		Text: fmt.Sprintf("导入工单 %d 件", done), Rule: "SQ-2.3"})
	return errors.Join(failed, err)
}

// intake is the request that a row describes.
func (r *record) intake(by string) (dispatch.Intake, error) {
	at, err := time.Parse(time.RFC3339Nano, r.v["at"])
	if err != nil {
		return dispatch.Intake{}, fmt.Errorf("row %d: %w", r.row.Number, err)
	}
	var upper time.Time
	if r.v["upper_due"] != "" {
		if upper, err = time.Parse(time.RFC3339Nano, r.v["upper_due"]); err != nil {
			return dispatch.Intake{}, fmt.Errorf("row %d: %w", r.row.Number, err)
		}
	}
	_, name, _ := strings.Cut(by, ":")
	return dispatch.Intake{Key: "import:" + r.v["key"], Imported: r.v["key"], Source: r.v["source"], UpperDue: upper, At: at, Type: dispatch.Type(r.v["type"]),
		Channel: dispatch.Channel(r.v["channel"]), Phone: r.v["phone"], Name: r.v["name"], Summary: r.v["summary"],
		Urgent: r.v["urgent"] == "yes", Confidential: r.v["confidential"] == "yes",
		Actor: "import:" + name}, nil // not an agent: who imports is not the first owner (SQ-4.3)
}

// compare says whether a request is new, and notes where it was brought in before as
// something else. What people changed since, such as its type, is theirs.
func (i Intake) compare(ctx context.Context, r *record, in dispatch.Intake) (fresh bool, err error) {
	number, err := i.Record.OrderOfKey(ctx, in.Key)
	if errors.Is(err, dispatch.ErrNotFound) || err == nil && number == "" {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("row %d: %w", r.row.Number, err)
	}
	o, err := i.Record.OrderBy(ctx, number)
	if err != nil {
		return false, fmt.Errorf("row %d: %w", r.row.Number, err)
	}
	if o.Summary != in.Summary {
		r.fault("summary", "此编号已导入为 %s,内容不同;已有工单不改", number)
	}
	if !o.CreatedAt.Equal(in.At.Truncate(time.Microsecond)) {
		r.fault("at", "此编号已导入为 %s,登记时间不同;已有工单不改", number)
	}
	return false, nil
}
