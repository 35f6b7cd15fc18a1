package trade

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hotline/dispatch"
)

// column is one column of a kind of table.
type column struct {
	id, words string // a header may name it by either
	need      bool   // no cell may be empty
	rule      string // the clause that asks for it
	read      func(string) (string, error)
}

// faultsColumn is where a file of rejected rows has what is wrong; it is left out when the
// file comes again.
const faultsColumn = "错误"

// columns are the tables, as people see them.
var columns = map[Kind][]column{
	Units: {
		{"id", "单位编号", true, ruleOfOurs, identifier},
		{"name", "单位名称", true, ruleOfOurs, upTo(100)},
		{"kind", "类别", false, ruleOfOurs, upTo(40)},
		{"phone", "电话", false, ruleOfOurs, number},
		{"topics", "事项", false, ruleOfOurs, list},
	},
	Handlers: {
		{"unit", "单位编号", true, "ZZ-7.1", identifier},
		{"id", "工号", true, "ZZ-7.1", identifier},
		{"name", "姓名", true, "ZZ-7.1", upTo(40)},
		{"mobile", "手机", false, "ZZ-7.1", number},
		{"head", "负责人", false, "ZZ-18.1", yesNo},
	},
	Officers: {
		{"id", "人员编号", true, "ZZ-20.2", identifier},
		{"name", "姓名", true, "ZZ-20.2", upTo(40)},
		{"phone", "电话", true, "ZZ-20.2", number},
	},
	Roster: {
		{"days", "星期", false, "ZZ-20.5", weekdays},
		{"from", "开始日期", false, "ZZ-20.5", day},
		{"to", "结束日期", false, "ZZ-20.5", day},
		{"hours", "时段", false, "ZZ-20.5", partOfDay},
		{"duty", "值班", false, "ZZ-20.2", list},
		{"backup", "备岗", false, "ZZ-20.2", list},
		{"leader", "带班领导", false, "ZZ-16.5", list},
		{"why", "事由", false, "ZZ-20.5", upTo(100)},
	},
	Orders: {
		{"key", "外部编号", true, "SQ-2.3", upTo(100)},
		{"at", "登记时间", true, "T1", moment},
		{"type", "诉求类型", true, "ZZ-2", oneOf(dispatch.TypeWords)},
		{"channel", "渠道", true, "ZZ-3.1", oneOf(dispatch.ChannelWords)},
		{"phone", "联系电话", false, ruleOfOurs, number},
		{"name", "姓名", false, "KF-3.1.5", upTo(100)},
		{"summary", "诉求内容", true, "ZZ-16.1", upTo(4000)},
		{"source", "来源", false, "ZZ-3.3", upTo(100)},
		{"upper_due", "上级时限", false, "ZZ-3.3", moment},
		{"urgent", "紧急", false, "ZZ-20.3", yesNo},
		{"confidential", "保密", false, "KF-3.1.5", yesNo},
	},
}

// record is a row whose cells were read. Those with faults are not among v.
type record struct {
	row   Row
	at    map[string]int    // where each column of the file stands
	v     map[string]string // what was read, by column
	kind  Kind
	wrong []Fault
}

// has says whether the file has a column, if only with an empty cell.
func (r *record) has(id string) bool { _, ok := r.at[id]; return ok }

// fault notes what is wrong with the cell of a column, or with the row if id is "".
func (r *record) fault(id, format string, args ...any) {
	f := Fault{Row: r.row.Number, Rule: ruleOfOurs, Text: fmt.Sprintf(format, args...)}
	for _, c := range columns[r.kind] {
		if c.id == id {
			f.Field, f.Rule = c.words, c.rule
			if at, ok := r.at[id]; ok {
				f.Column = letter(at)
			}
		}
	}
	r.wrong = append(r.wrong, f)
}

// parse reads the rows of a table. A header that does not fit is a fault of the file: no row
// means anything then.
func parse(kind Kind, t Table) ([]*record, error) {
	at, err := heads(kind, t.Header)
	if err != nil {
		return nil, err
	}
	records := make([]*record, len(t.Rows))
	for i, row := range t.Rows {
		r := &record{row: row, at: at, v: map[string]string{}, kind: kind}
		for _, c := range columns[kind] {
			r.read(c, t)
		}
		if len(row.Cells) > len(t.Header) {
			r.wrong = append(r.wrong, Fault{Row: row.Number, Column: letter(len(t.Header)), Rule: ruleOfOurs, Text: "表头没有这一列"})
		}
		records[i] = r
	}
	return records, nil
}

// read reads one cell.
func (r *record) read(c column, t Table) {
	at, ok := r.at[c.id]
	cell := ""
	if ok && at < len(r.row.Cells) {
		cell = r.row.Cells[at]
	}
	if cell == "" {
		if c.need {
			r.fault(c.id, "请填写%s", c.words)
		}
		return
	}
	if t.XLSX && (c.id == "at" || c.id == "upper_due" || c.id == "from" || c.id == "to") {
		if when, ok := excelTime(cell, t.Date4); ok {
			cell = when.Format("2006-01-02 15:04:05")
			if c.id != "at" && c.id != "upper_due" {
				cell = cell[:len("2006-01-02")]
			}
		}
	}
	v, err := c.read(cell)
	if err != nil {
		r.fault(c.id, "%v", err)
		return
	}
	r.v[c.id] = v
}

// heads finds where each column stands.
func heads(kind Kind, header []string) (map[string]int, error) {
	at := map[string]int{}
	var names []string
	for _, c := range columns[kind] {
		names = append(names, c.words)
	}
	for i, h := range header {
		h = strings.TrimSpace(strings.TrimSuffix(h, "*"))
		if h == faultsColumn {
			continue
		}
		n := slices.IndexFunc(columns[kind], func(c column) bool { return c.words == h || c.id == strings.ToLower(h) })
		switch {
		case h == "":
			return nil, Fault{Row: 1, Column: letter(i), Rule: ruleOfOurs, Text: "表头有空格子"}
		case n < 0:
			return nil, Fault{Row: 1, Column: letter(i), Rule: ruleOfOurs, Text: "不认识这个表头,只能是 " + strings.Join(names, "、")}
		case at[columns[kind][n].id] > 0 || i > 0 && header[0] == h:
			return nil, Fault{Row: 1, Column: letter(i), Field: h, Rule: ruleOfOurs, Text: "这个表头写了两次"}
		}
		at[columns[kind][n].id] = i
	}
	for _, c := range columns[kind] {
		if _, ok := at[c.id]; c.need && !ok {
			return nil, Fault{Row: 1, Field: c.words, Rule: c.rule, Text: "缺少这一列"}
		}
	}
	return at, nil
}

// once notes rows whose key came before.
func once(records []*record, key func(*record) string, field string) {
	seen := map[string]int{}
	for _, r := range records {
		k := key(r)
		if k == "" {
			continue // a fault already
		}
		if first, ok := seen[k]; ok {
			r.fault(field, "与第%d行重复", first)
			continue
		}
		seen[k] = r.row.Number
	}
}

// errOf makes the Chinese text of a cell's fault.
func errOf(text string) error { return errors.New(text) }
