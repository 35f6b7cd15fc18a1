package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// What happens in other processes is looked at again until it is right: what the dialplan
// did is imported every ten seconds, and a carrier that was asked to come again with a text
// or a receipt, because Redis or SQL was away, comes after a minute.
const settleLimit = 90 * time.Second

// slowToSettle is worth a word.
const slowToSettle = 5 * time.Second

// audit compares what callers know with what Asterisk and the hotline wrote down, and with
// what is left.
func (t *town) audit(ctx context.Context, o *outcome, x *injury) {
	began := time.Now()
	var wrong, last []string
	for {
		last = wrong
		// What is wrong for good was told when it was found.
		wrong = slices.DeleteFunc(t.compare(ctx, o, x), func(w string) bool { return t.told[w] })
		if !slices.ContainsFunc(wrong, mayHeal) || time.Since(began) > settleLimit+x.longer || wait(ctx, 200*time.Millisecond) != nil {
			break
		}
	}
	took := time.Since(began).Round(10 * time.Millisecond)
	o.Notes = append(o.Notes, fmt.Sprintf("records right after %v", took))
	if took > slowToSettle && len(wrong) == 0 && len(last) > 0 {
		o.Notes = append(o.Notes, "last waited for: "+last[0])
	}
	for _, w := range wrong {
		t.told[w] = true
		o.Findings = append(o.Findings, w)
	}
}

// mayHeal says whether waiting may put a finding right: what there is twice stays twice.
func mayHeal(finding string) bool {
	return !strings.Contains(finding, " records (") && !strings.Contains(finding, " orders: ") && !strings.HasPrefix(finding, "text submitted twice")
}

// compare lists what is wrong at the moment.
func (t *town) compare(ctx context.Context, o *outcome, x *injury) (wrong []string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	b, err := t.books(ctx, o.Calls)
	if err != nil {
		return []string{"SQL not read: " + err.Error()}
	}
	for _, c := range o.Calls {
		wrong = append(wrong, c.against(b, x)...)
	}
	wrong = append(wrong, t.againstTapes(b, o.Calls)...)
	wrong = append(wrong, t.wholeBooks(ctx)...)
	wrong = append(wrong, t.checkErrands(ctx, o, x)...)
	wrong = append(wrong, t.left(ctx, o, x)...)
	if doubled, _ := t.tap.repeats(repeatGrace); len(doubled) > 0 {
		for _, d := range doubled {
			wrong = append(wrong, "text submitted twice "+d)
		}
	}
	return wrong
}

// repeatGrace is how long a connection has to last after an answer for the hotline to
// have written it down.
const repeatGrace = 3 * time.Second

// record is a row of calls.
type record struct {
	ID, Channel, From, Outcome, Order string
	Started, Ended                    int64
	Emergency                         int
}

// request is a row of orders, with whether it has a message.
type request struct {
	Number, Phone, Call string
	Message             bool
}

// books is what SQL says of a round's callers, by their numbers.
type books struct {
	calls  map[string][]record
	orders map[string][]request
}

func (t *town) books(ctx context.Context, calls []*call) (books, error) {
	b := books{calls: map[string][]record{}, orders: map[string][]request{}}
	var numbers []string
	for _, c := range calls {
		numbers = append(numbers, c.Number)
	}
	rows, err := t.db.Query(ctx, `SELECT id, channel, from_number, outcome, order_number, started_at, ended_at, emergency
		FROM calls WHERE from_number = ANY($1) ORDER BY started_at`, numbers)
	if err != nil {
		return b, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
	if err != nil {
		return b, err
	}
	for _, r := range all {
		b.calls[r.From] = append(b.calls[r.From], r)
	}
	rows, err = t.db.Query(ctx, `SELECT o.number, o.phone, o.call_id, EXISTS (SELECT 1 FROM voicemails v WHERE v.order_number = o.number)
		FROM orders o WHERE o.phone = ANY($1)`, numbers)
	if err != nil {
		return b, err
	}
	orders, err := pgx.CollectRows(rows, pgx.RowToStructByPos[request])
	for _, r := range orders {
		b.orders[r.Phone] = append(b.orders[r.Phone], r)
	}
	return b, err
}

// against compares one call with the books.
func (c *call) against(b books, x *injury) (wrong []string) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf(format, args...)+": "+c.String())
	}
	rows, orders := b.calls[c.Number], b.orders[c.Number]
	var outcomes []string
	for _, r := range rows {
		outcomes = append(outcomes, r.Outcome)
		switch {
		case r.Ended == 0:
			say("record %s without an end", r.ID)
		case r.Ended < r.Started:
			say("record %s ends before it begins", r.ID)
		}
	}
	switch {
	case len(rows) > 1:
		say("%d records (%s)", len(rows), strings.Join(outcomes, ", "))
	case len(rows) == 0 && !c.Answered.IsZero():
		say("no record")
	}
	messages := 0
	for _, o := range orders {
		if o.Message {
			messages++
		}
	}
	if len(orders) > 1 {
		say("%d orders", len(orders))
	}
	if c.Spoke >= enoughSpeech && messages == 0 && !x.unheard(c) {
		say("a message of %v without an order", c.Spoke.Round(100*time.Millisecond))
	}
	if c.reachedByUs("8001", "8002", "8003", "8004", dutyPhone) && len(orders) == 0 {
		say("answered without an order")
	}
	if len(orders) > 0 && c.Want.keys == "" { // an emergency that reached nobody makes one
		say("an order nobody asked for")
	}
	if c.reachedByUs("120") && !slices.Contains(outcomes, "emergency") && len(rows) > 0 {
		say("reached 120, recorded as %s", strings.Join(outcomes, ", "))
	}
	return wrong
}

// wholeBooks looks at all rounds at once: what must be there once is.
func (t *town) wholeBooks(ctx context.Context) (wrong []string) {
	for what, query := range map[string]string{
		"orders of one call":    `SELECT call_id || ' x' || count(*) FROM orders WHERE call_id <> '' GROUP BY call_id HAVING count(*) > 1`,
		"orders of one message": `SELECT file || ' x' || count(*) FROM voicemails GROUP BY file HAVING count(*) > 1`,
		"surveys of one order":  `SELECT order_number || ' x' || count(*) FROM surveys GROUP BY order_number, attempt HAVING count(*) > 1`,
		"text not on its way":   `SELECT text_key || ' ' || status FROM texts WHERE status IN ('queued', 'sending')`,
	} {
		rows, err := t.db.Query(ctx, query)
		if err == nil {
			var found []string
			found, err = pgx.CollectRows(rows, pgx.RowTo[string])
			for _, f := range found {
				wrong = append(wrong, what+": "+f)
			}
		}
		if err != nil {
			wrong = append(wrong, what+": "+err.Error())
		}
	}
	slices.Sort(wrong)
	return wrong
}

// left lists what should be gone when nobody calls: channels and bridges, calls a line
// is in, kept things that wait for SQL, the dialplan's list.
func (t *town) left(ctx context.Context, o *outcome, x *injury) (wrong []string) {
	for i, s := range t.rig.Switches {
		for _, what := range []string{"channels", "bridges"} {
			ids, err := ari(ctx, s, what)
			if err != nil {
				wrong = append(wrong, err.Error())
			}
			for _, id := range ids {
				wrong = append(wrong, fmt.Sprintf("left in %s: %s %s", t.switchName(i), strings.TrimSuffix(what, "s"), id))
			}
		}
		waiting, _ := filepath.Glob(filepath.Join(s.Dir, "spool", "fallback", "*")) // the pattern is well-formed
		for _, f := range waiting {
			wrong = append(wrong, "the dialplan's message is not imported: "+filepath.Base(f))
		}
	}
	wrong = append(wrong, t.leftOnLines(ctx, o, x)...)
	wrong = append(wrong, t.leftAtDesks(ctx)...)
	for _, part := range t.controllers() {
		files, err := os.ReadDir(t.spool(part))
		if err != nil && !os.IsNotExist(err) {
			wrong = append(wrong, err.Error())
		}
		for _, f := range files {
			if !f.IsDir() {
				wrong = append(wrong, "waits for SQL: "+f.Name())
			}
		}
	}
	return wrong
}
