package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/sms"
)

// outbox is what texts on their way cost most of: moves forward, their telling, and finding
// the text of a receipt. Each is done for all who want it at the time.
type outbox struct {
	steps group[step, stepped]
	words group[word, sms.Message]

	find, save, file, tell, match bulk // the statements behind them
}

// step is a change, or that one was told.
type step struct {
	sms.Change
	told bool // the office has heard of its status; nothing else of it counts
}

// stepped is what a change did to its text.
type stepped struct {
	sms.Message
	moved bool
	err   error // the text's own: sms.ErrNotFound
}

// word is how a receipt names its text.
type word struct{ link, carrierID string }

func (s *Store) openOutbox(ctx context.Context) error {
	o := &s.outbox
	o.steps.most, o.steps.run = mostRows, s.stepAll
	o.words.most, o.words.run = mostRows, s.matchAll
	o.find = bulk{before: texts.selectSQL("WHERE id IN ("), row: "?", after: ") ORDER BY id" + s.dialect.hold, none: []any{""}}
	o.save = bulk{
		before: `UPDATE texts SET status = v.column2, attempts = v.column3, next_try = v.column4, link = v.column5, carrier_ids = v.column6,
			segments = v.column7, raw = v.column8, maybe_twice = v.column9, sent_at = v.column10, done_at = v.column11, due_at = v.column12,
			avoid = v.column13, held_until = 0
			FROM (VALUES `,
		row: `(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT),
			CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS BIGINT),
			CAST(? AS BIGINT), CAST(? AS TEXT))`,
		after: ") AS v WHERE texts.id = v.column1", none: []any{"", "", 0, 0, "", "", 0, "", 0, 0, 0, 0, ""},
	}
	o.file = bulk{
		before: "INSERT INTO carrier_ids (link, carrier_id, text_id) SELECT v.column1, v.column2, v.column3 FROM (VALUES ",
		row:    "(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT))",
		after:  ") AS v WHERE v.column3 <> '' ON CONFLICT DO NOTHING", none: []any{"", "", ""},
	}
	o.tell = bulk{
		before: "UPDATE texts SET told = v.column2 FROM (VALUES ", row: "(CAST(? AS TEXT), CAST(? AS TEXT))",
		after: ") AS v WHERE texts.id = v.column1", none: []any{"", ""},
	}
	o.match = bulk{
		before: "SELECT v.column1, v.column2, texts." + strings.Join(texts.columns, ", texts.") + " FROM (VALUES ",
		row:    "(CAST(? AS TEXT), CAST(? AS TEXT))",
		after: `) AS v JOIN carrier_ids c ON c.link = v.column1 AND c.carrier_id = v.column2 JOIN texts ON texts.id = c.text_id
			ORDER BY texts.sent_at, texts.id`, none: []any{"", ""},
	}
	if s.dialect.numbered {
		return nil // pgx keeps what it has prepared
	}
	err := o.match.parse(ctx, s.read, s.dialect)
	for _, b := range []*bulk{&o.find, &o.save, &o.file, &o.tell} {
		err = errors.Join(err, b.parse(ctx, s.write, s.dialect))
	}
	return err
}

// Advance is sms.Outbox.
func (s *Store) Advance(ctx context.Context, c sms.Change) (m sms.Message, moved bool, err error) {
	got, err := s.outbox.steps.do(ctx, step{Change: c})
	if err == nil {
		err = got.err
	}
	if err != nil {
		return sms.Message{}, false, fmt.Errorf("advance text %s: %w", c.ID, err)
	}
	return got.Message, got.moved, nil
}

// Told is sms.Teller.
func (s *Store) Told(ctx context.Context, id string, status sms.Status) error {
	if _, err := s.outbox.steps.do(ctx, step{Change: sms.Change{ID: id, Status: status}, told: true}); err != nil {
		return fmt.Errorf("text %s: %w", id, err)
	}
	return nil
}

// stepAll takes steps in one transaction, changes in their order. If one of them tells of a
// text that there is not, none is taken.
func (s *Store) stepAll(ctx context.Context, all []step) (out []stepped, err error) {
	err = s.tx(ctx, func(t *tx) error {
		out = make([]stepped, len(all))
		if err := t.move(all, out); err != nil {
			return err
		}
		return t.tellAll(all)
	})
	return out, err
}

// move makes the changes among steps.
func (t *tx) move(all []step, out []stepped) error {
	have, err := t.textsOf(all)
	if err != nil {
		return err
	}
	var save []*sms.Message
	var ids [][]any
	for i, c := range all {
		m := have[c.ID]
		switch {
		case c.told:
			continue
		case m == nil:
			out[i].err = sms.ErrNotFound
			continue
		case m.Takes(c.Change):
			out[i].moved = true
			apply(m, c.Change)
			if !slices.Contains(save, m) {
				save = append(save, m)
			}
			for _, id := range c.CarrierIDs {
				ids = append(ids, []any{m.Link, id, m.ID})
			}
		}
		out[i].Message = *m
	}
	return t.saveTexts(save, ids)
}

// tellAll notes what steps have told; of a text told twice the later counts.
func (t *tx) tellAll(all []step) error {
	var rows [][]any
	for i, c := range all {
		later := func(o step) bool { return o.told && o.ID == c.ID }
		if c.told && !slices.ContainsFunc(all[i+1:], later) {
			rows = append(rows, []any{c.ID, string(c.Status)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	n, err := t.outbox.tell.exec(t.conn, rows)
	if err == nil && int(n) < len(rows) {
		err = sms.ErrNotFound
	}
	return err
}

// textsOf reads the texts that changes speak of, and holds them.
func (t *tx) textsOf(all []step) (map[string]*sms.Message, error) {
	have := make(map[string]*sms.Message, len(all))
	var rows [][]any
	for _, c := range all {
		if !c.told {
			rows = append(rows, []any{c.ID})
		}
	}
	if len(rows) == 0 {
		return have, nil
	}
	err := t.outbox.find.query(t.conn, rows, func(scan func(...any) error) error {
		m := &sms.Message{}
		err := scan(texts.fields(m)...)
		have[m.ID] = m
		return err
	})
	return have, err
}

// apply writes a change into a message it moves forward.
func apply(m *sms.Message, c sms.Change) {
	m.Status = c.Status
	m.Link, m.Raw, m.Segments = cmp.Or(c.Link, m.Link), cmp.Or(c.Raw, m.Raw), cmp.Or(c.Segments, m.Segments)
	m.MaybeTwice = m.MaybeTwice || c.MaybeTwice
	m.Avoid = cmp.Or(m.Avoid, c.Avoid)
	if len(c.CarrierIDs) > 0 {
		m.CarrierIDs = slices.Clone(c.CarrierIDs)
	}
	at := c.At.UTC().Truncate(time.Microsecond)
	switch c.Status {
	case sms.Queued:
		m.Attempts++
		m.NextTry = c.NextTry.UTC().Truncate(time.Microsecond)
	case sms.Sent:
		m.SentAt = at
	default:
		m.DoneAt = at
	}
}

// saveTexts writes moved messages, lets go of their claims, and files their carrier ids.
func (t *tx) saveTexts(save []*sms.Message, ids [][]any) error {
	if len(save) == 0 {
		return nil
	}
	rows := make([][]any, len(save))
	for i, m := range save {
		rows[i] = []any{m.ID, string(m.Status), m.Attempts, (*stamp)(&m.NextTry), m.Link, list[string]{&m.CarrierIDs},
			m.Segments, m.Raw, (*flag)(&m.MaybeTwice), (*stamp)(&m.SentAt), (*stamp)(&m.DoneAt), dueAt(m), m.Avoid}
	}
	if _, err := t.outbox.save.exec(t.conn, rows); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, mostRows) { // a long text has several
		if _, err := t.outbox.file.exec(t.conn, some); err != nil {
			return err
		}
	}
	return nil
}

// ByCarrierID is sms.Outbox. Carriers use their ids again after a time: the latest
// text that has it is meant.
func (s *Store) ByCarrierID(ctx context.Context, link, carrierID string) (sms.Message, error) {
	m, err := s.outbox.words.do(ctx, word{link, carrierID})
	if err == nil && m.ID == "" {
		err = sms.ErrNotFound
	}
	if err != nil {
		return sms.Message{}, fmt.Errorf("text of %s on %s: %w", carrierID, link, err)
	}
	return m, nil
}

// matchAll finds the texts of some receipts; one that there is not is empty.
func (s *Store) matchAll(ctx context.Context, all []word) ([]sms.Message, error) {
	out := make([]sms.Message, len(all))
	rows := make([][]any, len(all))
	for i, w := range all {
		rows[i] = []any{w.link, w.carrierID}
	}
	err := s.outbox.match.query(s.reader(ctx), rows, func(scan func(...any) error) error {
		var w word
		var m sms.Message
		err := scan(append([]any{&w.link, &w.carrierID}, texts.fields(&m)...)...)
		for i := range all {
			if all[i] == w {
				out[i] = m // the later sent comes later
			}
		}
		return err
	})
	return out, err
}
