package replay

import (
	_ "embed" // page.html
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"hotline/dispatch"
)

// Row is one figure of every hotline beside the others.
type Row struct {
	What  string
	Cells []string
}

// Table puts figures beside each other: deadlines by type first, then what became of the
// orders, then which clause refused how often.
func Table(all []Figures) []Row {
	row := func(what string, cell func(f Figures) string) Row {
		r := Row{What: what}
		for _, f := range all {
			r.Cells = append(r.Cells, cell(f))
		}
		return r
	}
	number := func(what string, n func(f Figures) int) Row {
		return row(what, func(f Figures) string { return fmt.Sprint(n(f)) })
	}
	rows := []Row{row("", func(f Figures) string { return f.Name }), number("工单", func(f Figures) int { return f.Orders })}
	for _, k := range kinds {
		rows = append(rows, row(dispatch.TypeWords[k.typ]+" 平均期限", func(f Figures) string {
			if f.Rules[k.typ] == "" {
				return "-"
			}
			return fmt.Sprintf("%.1f 天 [%s]", f.Days[k.typ]/float64(f.Types[k.typ]), f.Rules[k.typ])
		}))
	}
	asked := func(a Asked) string { return fmt.Sprintf("%d 次申请,%d 次受理", a.Tried, a.Open) }
	rows = append(rows,
		number("办结", func(f Figures) int { return f.Completed }), number("超期", func(f Figures) int { return f.Overdue }),
		row("退单", func(f Figures) string { return asked(f.Returns) }), row("延期", func(f Figures) string { return asked(f.Extends) }),
		number("评价短信", func(f Figures) int { return f.Surveys }), number("有效评价", func(f Figures) int { return f.Rated }),
		number("满意", func(f Figures) int { return f.Satisfied }), number("回访", func(f Figures) int { return f.Callbacks }),
		number("重办", func(f Figures) int { return f.Redos }), number("督办", func(f Figures) int { return f.Overseen }))
	for _, a := range acts {
		rows = append(rows, number(a.what, func(f Figures) int { return f.Acts[a.kind] }))
	}
	clauses := map[string]bool{}
	for _, f := range all {
		for rule := range f.Refused {
			clauses[rule] = true
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(clauses)) {
		rows = append(rows, number("依 "+rule+" 不准", func(f Figures) int { return f.Refused[rule] }))
	}
	return rows
}

// acts are what the clock does, as the table says it.
var acts = []struct {
	kind dispatch.ActKind
	what string
}{{dispatch.ActSignLate, "逾时未签收"}, {dispatch.ActSlow, "逾时未派出"}, {dispatch.ActUnverified, "逾时未核实"}, {dispatch.ActContactLate, "逾时未联系本人"}, {dispatch.ActRemind, "临期提醒"}, {dispatch.ActOverdue, "到期未办结"},
	{dispatch.ActUndecided, "申请逾时未审批"}, {dispatch.ActUrge, "催办"}, {dispatch.ActIgnored, "催而不办"}, {dispatch.ActOffer, "提请督办"}}

// Print writes the table for a terminal.
func Print(w io.Writer, rows []Row) {
	for _, r := range rows {
		line := pad(r.What, 22)
		for _, c := range r.Cells {
			line += pad(c, 34)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// pad fills s up to n cells of a terminal, in which a Chinese character takes two.
func pad(s string, n int) string {
	for _, r := range s {
		if n--; r > 0x2000 {
			n--
		}
	}
	return s + strings.Repeat(" ", max(n, 1))
}

//go:embed page.html
var pageText string

// Page writes the table as one HTML file without anything beside it. How is what was played.
func Page(w io.Writer, rows []Row, how string) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	if err := page.Execute(w, struct {
		Head Row
		Rows []Row
		How  string
	}{rows[0], rows[1:], how}); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
