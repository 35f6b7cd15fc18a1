package console

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"time"

	"hotline/dispatch"
)

// Printing makes the paper that goes to units outside; *dispatch.Office does.
type Printing interface {
	Slip(ctx context.Context, number string, by dispatch.By, unit string) (dispatch.Slip, error)
}

// slipPage is a slip to be printed on one sheet (ZZ-13.2): number, matter, deadline, and the part
// that comes back.
var slipPage = template.Must(template.New("slip").Funcs(template.FuncMap{
	"day":  func(t time.Time) string { return t.In(dispatch.Place).Format("2006年1月2日 15:04") },
	"type": func(t dispatch.Type) string { return dispatch.TypeWords[t] },
}).Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>受理单 {{.Order.Number}}</title><link rel="stylesheet" href="/style.css"></head>
<body class="slip"><h1>{{.Hotline}}受理单</h1>
<table>
<tr><th>编号</th><td>{{.Order.Number}}</td><th>类型</th><td>{{type .Order.Type}}</td></tr>
<tr><th>承办单位</th><td>{{.Unit.Name}}</td><th>转交时间</th><td>{{day .Assignment.DispatchedAt}}</td></tr>
<tr><th>来话人</th><td>{{.Order.Name}}</td><th>联系电话</th><td>{{.Order.Phone}}</td></tr>
<tr><th>内容</th><td colspan="3">{{.Order.Summary}}</td></tr>
{{with .Assignment.Words}}<tr><th>热线意见</th><td colspan="3">{{.}}</td></tr>{{end}}
<tr><th>办结期限</th><td colspan="3">{{.Assignment.Due.Words}}({{.Assignment.Due.Rule}}){{if .Assignment.SignedAt.IsZero}},自送达之日重新起算{{end}}</td></tr>
</table>
<h2>回执</h2>
<table>
<tr><th>收件人</th><td></td><th>送达时间</th><td></td></tr>
<tr><th>办理结果</th><td colspan="3" class="room"></td></tr>
<tr><th>回复来话人</th><td>□ 已回复 □ 未回复</td><th>单位盖章</th><td></td></tr>
</table>
</body></html>
`))

// slip is an order's slip for a unit outside: unit= names one that assists. Whoever opens it
// has seen the citizen's number, so that it is audited first.
func (c *Console) slip(w http.ResponseWriter, r request) error {
	if _, err := filter(r, "unit"); err != nil {
		return err
	}
	s, err := c.cfg.Office.Slip(r.Context(), r.PathValue("number"), r.by(), r.URL.Query().Get("unit"))
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := slipPage.Execute(&page, s); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = page.WriteTo(w)
	return err
}
