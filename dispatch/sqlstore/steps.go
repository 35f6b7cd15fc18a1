package sqlstore

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hotline/dispatch"
)

// steps is a call's timeline as JSON without names, since it is most of what is kept about a
// call: [[microseconds since 1970, what, text], [microseconds later, what, text] ...].
// Calls of before have objects with names and whole times, and are read as well.
type steps struct{ to *[]dispatch.Step }

// Value is driver.Valuer.
func (s steps) Value() (driver.Value, error) {
	if len(*s.to) == 0 {
		return "", nil
	}
	rows, last := make([][3]any, len(*s.to)), int64(0)
	for i, step := range *s.to {
		at := micros(step.At)
		rows[i], last = [3]any{at - last, step.What, step.Text}, at
	}
	b, err := json.Marshal(rows)
	return string(b), err
}

// Scan is sql.Scanner.
func (s steps) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("steps stored as %T", v)
	}
	if !strings.HasPrefix(text, "[[") {
		return list[dispatch.Step](s).Scan(v)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return err
	}
	all, at := make([]dispatch.Step, len(rows)), int64(0)
	for i, row := range rows {
		var later int64
		if err := json.Unmarshal(row, &[3]any{&later, &all[i].What, &all[i].Text}); err != nil {
			return err
		}
		if at += later; at != 0 {
			all[i].At = time.UnixMicro(at).UTC()
		}
	}
	*s.to = all
	return nil
}
