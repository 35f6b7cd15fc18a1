package console

import (
	"context"
	"encoding/base64"
	"io"
	"iter"
	"net/http"
	"path"
	"strings"
	"time"

	"hotline/dispatch"
)

// ImportJob is a table that somebody brings in.
type ImportJob struct {
	Kind     string // units, handlers, officers, roster, orders
	Source   []byte // CSV or XLSX
	Dry      bool   // only look
	OnlyGood bool   // take the rows that are right
	By       string
}

// ImportFault is what is wrong with one cell, one row or the file.
type ImportFault struct {
	Row    int    `json:"row"` // as Excel counts; 0: the whole file
	Column string `json:"column"`
	Field  string `json:"field"`
	Rule   string `json:"rule"` // the clause; rec: our choice
	Text   string `json:"text"`
}

// ImportReport is what an import came to.
type ImportReport struct {
	Kind     string        `json:"kind"`
	Rows     int           `json:"rows"`
	New      int           `json:"new"`
	Changed  int           `json:"changed"`
	Same     int           `json:"same"`
	Bad      int           `json:"bad"`
	Written  bool          `json:"written"`
	Faults   []ImportFault `json:"faults"`
	Notes    []string      `json:"notes"`
	Rejected []byte        `json:"rejected"` // the rows that were not taken, as a file
}

// Trading brings tables in and writes them.
type Trading interface {
	// Import fails only for reasons of ours; what is wrong with the table is in the report.
	Import(ctx context.Context, job ImportJob) (ImportReport, error)
	// Table writes rows as csv or xlsx, the header first; no cell is a formula.
	Table(w io.Writer, format string, rows iter.Seq2[[]string, error]) error
	Sealing
}

// maxImport is what an import's body may carry, in bytes: a file of 8 MB in base64.
const maxImport = 12 << 20

// noTrading is the answer where there is none.
var noTrading = problem{Status: http.StatusNotFound, Detail: "未配置导入导出"}

// importTable brings a table in, or only looks at it. A table with faults is not a bad
// request: the report lists them, and says that nothing was written.
func (c *Console) importTable(w http.ResponseWriter, r request) error {
	var in struct {
		Kind     string `json:"kind"`
		File     string `json:"file"`
		Dry      bool   `json:"dry"`
		OnlyGood bool   `json:"only_good"`
	}
	if err := receiveUpTo(w, r, &in, maxImport); err != nil {
		return err
	}
	if c.cfg.Trading == nil {
		return noTrading
	}
	src, err := base64.StdEncoding.DecodeString(in.File)
	if err != nil {
		return unfit("file", "不是 base64")
	}
	rep, err := c.cfg.Trading.Import(r.Context(), ImportJob{Kind: in.Kind, Source: src, Dry: in.Dry, OnlyGood: in.OnlyGood, By: r.actor()})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, rep)
}

// mostExported is how many orders one table may have.
const mostExported = 50_000

// exportOrders writes orders as a table, newest first, as the requester may see them: numbers
// masked, informants hidden (KF-3.1.5). Units get none (rec): what goes to them by page is
// kept to their own orders word by word. Who exports, when and why is in the audit and in
// each row (ZQ-24).
func (c *Console) exportOrders(w http.ResponseWriter, r request) error {
	var in struct {
		Format string `json:"format"`
		State  string `json:"state"`
		Open   bool   `json:"open"`
		Since  string `json:"since"`
		Until  string `json:"until"`
		Reason string `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if c.cfg.Trading == nil {
		return noTrading
	}
	now := c.cfg.Now()
	f := dispatch.Filter{State: dispatch.State(in.State), Open: in.Open, Unit: r.unit, Until: now.Add(time.Microsecond), Limit: 1}
	if in.Since != "" { // the forms were checked
		f.Since, _ = time.Parse(time.RFC3339, in.Since)
	}
	if in.Until != "" {
		f.Until, _ = time.Parse(time.RFC3339, in.Until)
	}
	f.Offset = mostExported
	more, err := c.cfg.Record.Orders(r.Context(), f)
	if err != nil {
		return err
	}
	if len(more) > 0 {
		return unfit("since", "超过 50000 件,请缩小时间范围")
	}
	if err := c.cfg.Office.Audit(r.Context(), dispatch.Audit{Actor: r.actor(), Act: dispatch.ActExport, Subject: "orders", Text: in.Reason, Rule: "ZQ-24"}); err != nil {
		return err
	}
	mark := r.actor() + " " + now.In(dispatch.Place).Format("2006-01-02 15:04")
	return c.download(w, r, "orders."+in.Format, func(w io.Writer) error {
		return c.cfg.Trading.Table(w, in.Format, c.orderRows(r, f, mark))
	})
}

// fileTypes are what is sent as a file.
var fileTypes = map[string]string{
	".csv":  "text/csv; charset=utf-8",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".zip":  "application/zip",
}

// download sends a file as it is made. What fails after the first byte ends the connection,
// so that nobody takes a part for the whole.
func (c *Console) download(w http.ResponseWriter, r request, name string, write func(io.Writer) error) error {
	w.Header().Set("Content-Type", fileTypes[path.Ext(name)])
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.WriteHeader(http.StatusOK)
	if err := write(w); err != nil {
		c.cfg.Log.ErrorContext(r.Context(), "export failed", "route", r.Pattern, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// orderColumns are an exported order's.
var orderColumns = []string{"工单编号", "登记时间", "诉求类型", "渠道", "状态", "紧急", "保密", "姓名", "联系电话", "诉求内容", "主办单位", "办理期限",
	"期限依据", "超期", "办理结果", "评价", "提交时间", "办结时间", "归档时间", "类别", "来源",
	"上级编号", "上级时限", "超上级时限", "导出"}

// orderRows are the rows of a table of orders; what they show is what the pages show.
func (c *Console) orderRows(r request, f dispatch.Filter, mark string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		if !yield(orderColumns, nil) {
			return
		}
		for o, err := range dispatch.Whole(r.Context(), f, c.cfg.Record.Orders) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(c.orderRow(r, o, mark), nil) {
				return
			}
		}
	}
}

func (c *Console) orderRow(r request, o dispatch.Order, mark string) []string {
	v := c.orderView(r, o)
	return []string{v.Number, localTime(v.Created), v.TypeText, dispatch.ChannelWords[o.Channel], v.StateText, yes(v.Urgent), yes(v.Confidential),
		v.Name, v.Phone, v.Summary, v.Unit, localTime(v.Due), v.DueRule, yes(v.Overdue), v.Result, dispatch.RatingWords[min(max(v.Rating, 0), 5)],
		localTime(v.Submitted), localTime(v.Completed), localTime(v.Archived), o.Category, o.Source, o.Upper, localTime(moment(o.UpperDue)), yes(o.LateForUpper(c.cfg.Now())), mark}
}

func yes(b bool) string { return map[bool]string{true: "是"}[b] }

// localTime is a moment as people write it; one that has not come is empty.
func localTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return strings.TrimSuffix(t.In(dispatch.Place).Format("2006-01-02 15:04:05"), ":00")
}
