package trade

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Table is a header and the rows below it.
type Table struct {
	Header []string
	Rows   []Row
	XLSX   bool // it came as a workbook
	Date4  bool // a workbook whose days count from 1904
}

// Row is one row. Cells that are empty to the end are left out.
type Row struct {
	Number int // as Excel counts
	Cells  []string
}

// Read reads a CSV file in UTF-8, with or without a byte order mark, or GB18030, or the first
// sheet of a workbook. Blank rows are left out and counted. What cannot be read is a [Fault].
func Read(src []byte) (Table, error) {
	if len(src) > MaxFile {
		return Table{}, fileFault("文件超过 %d MB", MaxFile>>20)
	}
	g := gatherer{}
	var err error
	if bytes.HasPrefix(src, []byte("PK")) {
		g.table.XLSX = true
		err = readXLSX(src, &g)
	} else {
		err = readCSV(src, &g)
	}
	if err != nil {
		return Table{}, err
	}
	if g.table.Header == nil {
		return Table{}, fileFault("文件是空的")
	}
	return g.table, nil
}

// gatherer takes rows as they are read and holds them to the limits.
type gatherer struct {
	table Table
	rows  int
}

func (g *gatherer) add(number int, cells []string) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if g.rows++; g.rows > maxRows {
		return fileFault("超过 %d 行,请分成几个文件", maxRows)
	}
	if len(cells) > maxColumns {
		return Fault{Row: number, Rule: ruleOfOurs, Text: "超过 64 列"}
	}
	row := Row{Number: number, Cells: make([]string, len(cells))}
	for i, c := range cells {
		c = strings.TrimSpace(lineEnds.Replace(c))
		if utf8.RuneCountInString(c) > maxCell {
			return Fault{Row: number, Column: letter(i), Rule: ruleOfOurs, Text: "一格超过 4000 字"}
		}
		if strings.ContainsFunc(c, forbidden) {
			return Fault{Row: number, Column: letter(i), Rule: ruleOfOurs, Text: "含有控制字符"}
		}
		row.Cells[i] = strings.TrimSpace(unguard(c))
	}
	if g.table.Header == nil {
		g.table.Header = row.Cells
		return nil
	}
	g.table.Rows = append(g.table.Rows, row)
	return nil
}

// lineEnds are one kind within cells.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// forbidden says which characters no cell of ours has: what a terminal would obey, and
// marks that hide what is read.
func forbidden(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e
}

// letter is what Excel calls a column, of the first 64.
func letter(i int) string {
	if i >= 26 {
		return letter(i/26-1) + letter(i%26)
	}
	return string(rune('A' + i))
}

// formula are the characters that begin what a spreadsheet computes. The wide ones are taken
// for the narrow ones by versions made for Chinese and Japanese.
const formula = "=+-@\t\r＝＋－＠"

// before are those that may stand before them and do not help.
const before = "' \n"

// guard keeps a spreadsheet from computing a cell. A cell that has an apostrophe before such
// a character gets one more, so that unguard gives back what there was.
func guard(cell string) string {
	if startsFormula(strings.TrimLeft(cell, before)) {
		return "'" + cell
	}
	return cell
}

// unguard takes off what guard put on.
func unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && startsFormula(strings.TrimLeft(rest, before)) {
		return rest
	}
	return cell
}

func startsFormula(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && strings.ContainsRune(formula, r)
}
