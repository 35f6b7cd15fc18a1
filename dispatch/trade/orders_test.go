package trade_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/dispatch/trade"
)

// counter is the intake of a hotline on a real SQLite file.
func counter(t *testing.T) (trade.Intake, *sqlstore.Store) {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/sq/policy.yaml")
	must(t, err)
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	must(t, err)
	now := func() time.Time { return time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC) }
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: now})
	return trade.Intake{Office: office, Record: store, Now: now}, store
}

func taken(t *testing.T, i trade.Intake, job trade.Job) string {
	t.Helper()
	rep, err := i.Import(t.Context(), "agent:admin", job)
	must(t, err)
	line := fmt.Sprintf("%d/%d/%d/%d %t", rep.New, rep.Changed, rep.Same, rep.Bad, rep.Written)
	for _, f := range rep.Faults {
		line += "\n" + f.Error()
	}
	return line
}

const someOrders = "外部编号,登记时间,诉求类型,渠道,联系电话,姓名,诉求内容,紧急,保密\n" +
	"QY-1,2026-11-20 09:00,咨询,电话,13812345678,王五,路灯不亮,,\n" +
	"QY-2,2026/11/23 10:30,complaint,web,,,噪声扰民,是,是\n"

// TestImportOrders: an order that was brought in twice is one, its deadline counts from
// when it was registered there, and its timeline says whose it was.
func TestImportOrders(t *testing.T) {
	i, store := counter(t)
	ctx := t.Context()
	job := trade.Job{Kind: trade.Orders, Source: []byte(someOrders), Dry: true}
	same(t, "dry", "2/0/0/0 false", taken(t, i, job))
	if orders, err := store.Orders(ctx, dispatch.Filter{}); err != nil || len(orders) != 0 {
		t.Fatalf("a dry run wrote %+v, %v", orders, err)
	}
	job.Dry = false
	same(t, "first", "2/0/0/0 true", taken(t, i, job))
	same(t, "again", "0/0/2/0 false", taken(t, i, job))
	orders, err := store.Orders(ctx, dispatch.Filter{})
	must(t, err)
	if len(orders) != 2 {
		t.Fatalf("%d orders", len(orders))
	}
	o := orders[1]
	agent, err := i.Office.Open(ctx, dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Consult, Summary: "x", At: o.CreatedAt})
	must(t, err)
	if !o.CreatedAt.Equal(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)) || !o.Due.At.Equal(agent.Due.At) || o.Due.Rule != agent.Due.Rule || o.Owner != "" {
		t.Errorf("%+v, due %v %s; by an agent %v %s", o, o.Due.At, o.Due.Rule, agent.Due.At, agent.Due.Rule)
	}
	events, err := store.Events(ctx, o.Number)
	must(t, err)
	if len(events) != 2 || events[1].Kind != dispatch.OnImported || events[1].Text != "导入,原编号 QY-1" || events[1].Actor != "import:admin" {
		t.Errorf("%+v", events)
	}
	if c := orders[0]; !c.Confidential || !c.Urgent || c.Type != dispatch.Complaint || c.Channel != dispatch.ByWeb {
		t.Errorf("%+v", c)
	}
	if texts, err := store.Messages(ctx, dispatch.Filter{}); err != nil || len(texts) != 0 {
		t.Errorf("texts %+v, %v", texts, err)
	}
	audit, err := store.AuditLog(ctx, dispatch.Filter{Act: dispatch.ActImport})
	must(t, err)
	if len(audit) != 1 || audit[0].Actor != "agent:admin" || audit[0].Text != "导入工单 2 件" {
		t.Errorf("%+v", audit)
	}
}

// TestOrdersThatAreNotTaken: every fault with its place; nothing is registered for one.
func TestOrdersThatAreNotTaken(t *testing.T) {
	i, store := counter(t)
	same(t, "before", "2/0/0/0 true", taken(t, i, trade.Job{Kind: trade.Orders, Source: []byte(someOrders)}))
	src := "外部编号,登记时间,诉求类型,渠道,联系电话,诉求内容,紧急\n" +
		"A-1,2026-11-29 09:00,咨询,电话,,明天的事,\n" +
		"A-2,昨天,怪事,心灵感应,12,,也许\n" +
		"A-3,2026-11-20 09:00,突发困难,电话,,急事,\n" +
		"A-4,2026-11-20 09:00,咨询,电话,,好的,\n" +
		"A-4,2026-11-20 09:00,咨询,电话,,好的,\n" +
		"QY-1,2026-11-20 09:01,咨询,电话,,路灯亮了,\n" +
		"QY-2,2026-11-23 10:30,投诉,网站,,噪声扰民,\n"
	want := `1/0/1/5 false
第2行B列(登记时间):还没到这个时间 [T1]
第3行B列(登记时间):不是 2026-11-28 10:00 这样的时间 [T1]
第3行C列(诉求类型):只能是 举报、信访、咨询、建议、意见、批评、投诉、招商跟踪、未分类、求助、突发困难、紧急、要求 [ZZ-2]
第3行D列(渠道):只能是 专窗、传真、信箱、电话、留言、短信、网站、邮件 [ZZ-3.1]
第3行E列(联系电话):不是电话号码 [rec]
第3行F列(诉求内容):请填写诉求内容 [ZZ-16.1]
第3行G列(紧急):只能是 是 或 否 [ZZ-20.3]
第4行C列(诉求类型):本热线不受理这类诉求 [ZZ-2]
第6行A列(外部编号):与第5行重复 [SQ-2.3]
第7行F列(诉求内容):此编号已导入为 SQ20261128-00001-X,内容不同;已有工单不改 [ZZ-16.1]
第7行B列(登记时间):此编号已导入为 SQ20261128-00001-X,登记时间不同;已有工单不改 [T1]`
	job := trade.Job{Kind: trade.Orders, Source: []byte(src)}
	got := taken(t, i, job)
	orders, err := store.Orders(t.Context(), dispatch.Filter{})
	must(t, err)
	same(t, "faults", want, strings.ReplaceAll(got, orders[len(orders)-1].Number, "SQ20261128-00001-X"))
	if len(orders) != 2 {
		t.Errorf("%d orders", len(orders))
	}
	job.OnlyGood = true
	if got := taken(t, i, job); !strings.HasPrefix(got, "1/0/1/5 true") {
		t.Errorf("only good: %s", got)
	}
}

// broken is an office whose database goes away after some orders.
type broken struct {
	trade.Office
	left int
}

func (b *broken) Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	if b.left--; b.left < 0 {
		return dispatch.Order{}, errors.New("the disk is full")
	}
	return b.Office.Open(ctx, in)
}

// TestOrdersHalfTaken: where the database fails in between, the same file again takes the rest.
func TestOrdersHalfTaken(t *testing.T) {
	i, _ := counter(t)
	whole := i.Office
	i.Office = &broken{whole, 1}
	job := trade.Job{Kind: trade.Orders, Source: []byte(someOrders)}
	if rep, err := i.Import(t.Context(), "agent:admin", job); err == nil || !rep.Written || !strings.Contains(err.Error(), "1 of 2") {
		t.Errorf("%+v, %v", rep, err)
	}
	i.Office = whole
	same(t, "again", "1/0/1/0 true", taken(t, i, job))
}
