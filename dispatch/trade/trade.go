// Package trade brings units, handlers, officers, rosters and orders in from the tables that
// people keep in Excel, takes them out again, and seals one order with all that belongs to
// it as evidence.
//
// An import is looked at whole before anything is written: every fault is told by row and
// column, and one is enough for nothing to be written, unless who imports takes the rows
// that are right and gets the others back with what is wrong with them. Each row has a key,
// so that the same file twice changes nothing. Units and rosters are files of the hotline's
// folder: what an import does not name stays in them as it is, byte for byte.
//
// What leaves is safe to open: a cell that a spreadsheet would take for a formula begins
// with an apostrophe, which an import takes off again.
package trade

import (
	"fmt"

	"hotline/dispatch"
)

// Limits of a file; more is refused.
const (
	MaxFile     = 8 << 20  // bytes
	maxUnpacked = 64 << 20 // bytes of a workbook's parts together
	maxParts    = 1000     // of a workbook
	maxRows     = 10_000   // with the header
	maxColumns  = 64
	maxCell     = 4000 // characters
	maxFaults   = 1000 // that are told
)

// Kind is what a table is of.
type Kind string

// The kinds of tables.
const (
	Units    Kind = "units"    // 承办单位
	Handlers Kind = "handlers" // 承办责任人 (ZZ-7.1)
	Officers Kind = "officers" // who can be on duty
	Roster   Kind = "roster"   // 值班表 (ZZ-20.5)
	Orders   Kind = "orders"   // 工单
)

// Kinds are all of them, in the order in which one needs the other.
var Kinds = []Kind{Units, Handlers, Officers, Roster, Orders}

// Fault is what is wrong with one cell, one row, or the file.
type Fault struct {
	Row    int    `json:"row"`    // as Excel counts, the header is row 1; 0: the whole file
	Column string `json:"column"` // A, B ...; empty: the whole row
	Field  string `json:"field"`  // what the header calls it
	Rule   string `json:"rule"`   // the clause; "rec" where it is our choice
	Text   string `json:"text"`   // Chinese; never the value, which may be a person's
}

// Error tells the fault in one line.
func (f Fault) Error() string {
	place := "文件"
	if f.Row > 0 {
		place = fmt.Sprintf("第%d行", f.Row)
	}
	if f.Column != "" {
		place += f.Column + "列"
	}
	if f.Field != "" {
		place += "(" + f.Field + ")"
	}
	return fmt.Sprintf("%s:%s [%s]", place, f.Text, f.Rule)
}

// Unwrap lets a fault be told from an error of ours.
func (f Fault) Unwrap() error { return dispatch.ErrInvalid }

// fileFault is a fault of the whole file, by our own choice.
func fileFault(format string, args ...any) Fault {
	return Fault{Rule: ruleOfOurs, Text: fmt.Sprintf(format, args...)}
}

// ruleOfOurs stands where no regulation says what we ask for.
const ruleOfOurs = "rec"

// Report is what an import came to.
type Report struct {
	Kind     Kind     `json:"kind"`
	Rows     int      `json:"rows"`    // without the header
	New      int      `json:"new"`     // that were not there
	Changed  int      `json:"changed"` // that were there and are different
	Same     int      `json:"same"`    // that were there like this
	Bad      int      `json:"bad"`     // that have faults
	Written  bool     `json:"written"` // what is new or changed is in; false after a dry run
	Faults   []Fault  `json:"faults"`  // by row; at most 1000
	Notes    []string `json:"notes"`   // what is no fault and should be known
	Rejected []byte   `json:"rejected,omitempty"`
}

// Job is one file to be brought in.
type Job struct {
	Kind     Kind
	Source   []byte // CSV in UTF-8 or GB18030, or a workbook (XLSX), of which the first sheet counts
	Dry      bool   // only look
	OnlyGood bool   // take the rows that are right; Report.Rejected is a file of the others
}
