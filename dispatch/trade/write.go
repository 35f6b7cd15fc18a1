package trade

import (
	"fmt"
	"io"
	"iter"
)

// Formats are those a table can be written in.
var Formats = []string{"csv", "xlsx"}

// Write writes rows, the header first, as csv or xlsx. No cell of it is a formula. It ends
// with the first error of a row.
func Write(w io.Writer, format string, rows iter.Seq2[[]string, error]) error {
	each := func(put func([]string) error) error {
		for cells, err := range rows {
			if err != nil {
				return err
			}
			safe := make([]string, len(cells))
			for i, c := range cells {
				safe[i] = guard(c)
			}
			if err := put(safe); err != nil {
				return fmt.Errorf("write a row: %w", err)
			}
		}
		return nil
	}
	switch format {
	case "csv":
		return writeCSV(w, each)
	case "xlsx":
		return writeXLSX(w, each)
	}
	return fileFault("格式 %q 不是 csv 或 xlsx", format)
}

// all gives rows that are there.
func all(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}
