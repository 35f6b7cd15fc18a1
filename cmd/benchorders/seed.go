package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// models is how many orders are made one by one at most; the others are copies.
const models = 1000

// seed fills the database with orders that lived their lives, in the mixture asked for.
func (h *house) seed(ctx context.Context) error {
	n := min(models, max(1, h.o.Orders/10))
	open := n * h.o.Open / h.o.Orders
	began := time.Now().Add(-3 * 24 * time.Hour)
	for i := range n {
		h.now.Store(began.Add(time.Duration(i) * 20 * time.Second).UnixNano())
		stage := 5
		if i < open {
			stage = i % 5
		}
		if err := h.lives(ctx, stage); err != nil {
			return err
		}
	}
	if err := h.delivered(ctx); err != nil {
		return err
	}
	h.now.Store(began.Add(48 * time.Hour).UnixNano()) // nobody answered
	for left := 1; left > 0; {
		var err error
		if left, err = h.SweepDue(ctx, h.clock(), h.clock()); err != nil {
			return err
		}
	}
	h.now.Store(0)
	return h.multiply(ctx, h.o.Orders/n)
}

// multiply makes so many of each order, the first included.
func (h *house) multiply(ctx context.Context, times int) error {
	for _, t := range copied {
		if _, err := h.db.ExecContext(ctx, "CREATE TABLE model_"+t.table+" AS SELECT * FROM "+t.table); err != nil {
			return err
		}
	}
	told := time.Now()
	for k := 1; k < times; k++ {
		if err := h.copy(ctx, k, time.Duration(k)*copiesWithin/time.Duration(times)); err != nil {
			return fmt.Errorf("copy %d: %w", k, err)
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			fmt.Fprintf(h.o.progress, "  %d of %d orders\n", (k+1)*h.o.Orders/times, h.o.Orders)
		}
	}
	for _, t := range copied {
		if _, err := h.db.ExecContext(ctx, "DROP TABLE model_"+t.table); err != nil {
			return err
		}
	}
	if !h.postgres {
		return nil
	}
	_, err := h.db.ExecContext(ctx, "ANALYZE") // as it does by itself after so many rows; SQLite does not
	return err
}

// rowsOfOrder is a table with rows of each order, and its columns that name an order, a thing
// of 26 letters, a key, either of the first two, and that hold words.
type rowsOfOrder struct {
	table                             string
	numbers, ids, keys, either, words []string
}

var copied = []rowsOfOrder{
	{"orders", []string{"number"}, []string{"call_id"}, nil, nil, []string{"name", "summary", "result"}},
	{"events", []string{"order_number"}, nil, nil, nil, []string{"words"}},
	{"assignments", []string{"order_number"}, []string{"id"}, nil, nil, []string{"words", "answer"}},
	{"reviews", []string{"order_number"}, []string{"id"}, nil, nil, []string{"reason", "opinion"}},
	{"surveys", []string{"order_number"}, []string{"id", "message_id"}, nil, nil, nil},
	{"texts", nil, []string{"id"}, []string{"text_key"}, []string{"ref"}, []string{"body"}},
	{"calls", []string{"order_number"}, []string{"id"}, nil, nil, []string{"detail", "steps"}},
}

// firstCopy makes the number of a copy eight digits, as a day's are, that come after the
// model's: in life what is newer stands behind, in tables and in their indices.
const firstCopy = 30_000_000

// copiesWithin is how much later than its model the last copy happened.
const copiesWithin = 12 * time.Hour

// copy writes the models once more, under other numbers and so much later.
func (h *house) copy(ctx context.Context, k int, later time.Duration) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, t := range copied {
		rows, err := tx.QueryContext(ctx, "SELECT * FROM model_"+t.table+" LIMIT 0")
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err := errors.Join(err, rows.Close()); err != nil {
			return err
		}
		var values []string
		for _, c := range columns {
			values = append(values, t.value(c, k, later))
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM model_%s", t.table, strings.Join(columns, ","), strings.Join(values, ","), t.table))
		if err != nil {
			return fmt.Errorf("%s: %w", t.table, err)
		}
	}
	return tx.Commit()
}

// value is what stands in a column of a copy.
func (t rowsOfOrder) value(column string, k int, later time.Duration) string {
	number := fmt.Sprintf("substr(%s,1,2)||'%d'||substr(%s,11)", column, firstCopy+k, column)
	id := fmt.Sprintf("CASE WHEN %s='' THEN '' ELSE '02%d'||substr(%s,5,16) END", column, firstCopy+k, column) // ids begin with their time
	switch {
	case slices.Contains(t.numbers, column):
		return number
	case column == "digits":
		return fmt.Sprintf("'%d'||substr(digits,9)", firstCopy+k)
	case slices.Contains(t.ids, column):
		return id
	case slices.Contains(t.keys, column):
		return fmt.Sprintf("%s||'.%d'", column, k)
	case slices.Contains(t.either, column):
		return fmt.Sprintf("CASE WHEN length(%s)=26 THEN %s ELSE %s END", column, id, number)
	case column == "at" || column == "deadline" || column == "sign_by" || strings.HasSuffix(column, "_at"):
		return fmt.Sprintf("CASE WHEN %s=0 THEN 0 ELSE %s+%d END", column, column, later.Microseconds())
	}
	return column
}
