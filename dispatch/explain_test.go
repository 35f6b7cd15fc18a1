package dispatch_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"hotline/dispatch"
)

// explained is an explanation as text: a line each, a deadline's days below it.
func (h *hall) explained(number string) string {
	h.t.Helper()
	x, err := h.Explain(h.ctx(), number)
	h.ok(err)
	var lines []string
	for _, s := range x.Sections {
		lines = append(lines, "# "+s.Title)
		for _, r := range s.Reasons {
			at := ""
			if !r.At.IsZero() {
				at = r.At.In(dispatch.Place).Format("01-02 15:04 ")
			}
			lines = append(lines, at+r.Text+" ["+r.Rule+"]")
			lines = append(lines, r.Steps...)
		}
	}
	return strings.Join(lines, "\n")
}

func (h *hall) says(number string, want ...string) {
	h.t.Helper()
	text := h.explained(number)
	for _, w := range want {
		if !strings.Contains(text, w) {
			h.t.Errorf("missing %q in:\n%s", w, text)
		}
	}
}

func (h *hall) silent(number string, unwanted ...string) {
	h.t.Helper()
	text := h.explained(number)
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			h.t.Errorf("%q in:\n%s", w, text)
		}
	}
}

// TestExplain follows an order of Zhaoqing's over the holidays of 2023 and asks at each step
// why it is where it is.
func TestExplain(t *testing.T) {
	h := newHall(t, "zq", filepath.Join(t.TempDir(), "h.db"))
	h.withUnits()
	h.config.Units[0].Topics = []string{"供水", "路灯"}
	h.now = on(2023, 9, 28, 10)
	o := h.open(nil)
	h.says(o.Number, "热线工作人员登记电话诉求 [ZZ-16.1]", "现为“求助”,期限随类型而定 [ZQ-11.2]", "现由热线自己办理",
		"10-19 00:00 答复期限:10个工作日 [ZQ-11.2]", "2023-09-29 周五 休,中秋节、国庆节", "派发或改派承办单位(话务员、热线管理机构、值班领导) [ZZ-16.3]")
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Assist: []string{"roads"}})
	h.ok(err)
	h.says(o.Number, "第1次办理,热线工作人员交水务局主办:诉求提到“路灯”,属该单位事项 [ZZ-8]", "交住建局协办 [ZZ-11.2]",
		"因诉求提到路灯(ZZ-8)", "10-09 00:00 承办单位申请退单")
	_, err = h.AskReturn(h.ctx(), o.Number, water, dispatch.ReturnAsked{Reason: "不是", Basis: "三定"})
	h.ok(err)
	h.says(o.Number, "正等待决定:退单申请 [ZQ-9.2]", "不同意退单,原单位继续办理", "申请退单:不是;依据:三定")
	_, err = h.RefuseReturn(h.ctx(), o.Number, desk, dispatch.Refused{Code: "own_duty", Opinion: "请办理"})
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Start(h.ctx(), o.Number, water, "")
	h.ok(err)
	_, err = h.AskExtension(h.ctx(), o.Number, water, dispatch.ExtensionAsked{Code: "complex", Form: "表1", Signed: true})
	h.ok(err)
	_, err = h.AllowExtension(h.ctx(), o.Number, desk, dispatch.Extended{})
	h.ok(err)
	_, err = h.Supervise(h.ctx(), o.Number, leader, dispatch.Supervision{On: true, Reason: "多次反映"})
	h.ok(err)
	h.says(o.Number, "不同意退单:属本单位职责请办理", "申请延期:情况复杂(水务局) [ZQ-12.1]", "同意第1次延期,期限由10月18日改为",
		"第1次办理,水务局的办理期限:20个工作日,含1次延期 [ZQ-11.2]", "督办:电话督办(督2023-0001):多次反映,请于10月7日前报告(领导) [KF-3.3.1]", "承办单位提交办理结果,等待审核")
	h.silent(o.Number, "申请退单(", "water", "unit:", "office:李", "own_duty", "complex", citizen)
}

// TestExplainReport_KF_3_1_5: of a report it is told what was decided, not what anybody wrote.
func TestExplainReport_KF_3_1_5(t *testing.T) {
	h := newHall(t, "zz", filepath.Join(t.TempDir(), "h.db"))
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) {
		in.Type, in.Name, in.Summary = dispatch.Report, "甲乙丙", "举报某局,我是甲乙丙"
	})
	_, err := h.Own(h.ctx(), o.Number, clerk, "甲乙丙的熟人")
	h.ok(err)
	_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "water", Words: "找甲乙丙,电话" + citizen})
	h.ok(err)
	_, err = h.Sign(h.ctx(), o.Number, water)
	h.ok(err)
	_, err = h.Contacted(h.ctx(), o.Number, water, dispatch.Contact{How: citizen, Evidence: "甲乙丙录音", Words: "甲乙丙说"})
	h.ok(err)
	h.says(o.Number, "按保密件办理", "派发(热线工作人员)", "联系诉求人(水务局)", "首问责任(热线工作人员) [ZZ-21]")
	h.silent(o.Number, "甲乙丙", citizen, "5678", "某局")
	if _, err := h.Explain(h.ctx(), "ZZ20260101-00001-0"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("no order: %v", err)
	}
}

// TestExplainToTheEnd_ZQ_15_7: a survey, a redo and its new deadline, and the end.
func TestExplainToTheEnd_ZQ_15_7(t *testing.T) {
	h := newHall(t, "zz", filepath.Join(t.TempDir(), "h.db"))
	h.withUnits()
	o, _ := h.surveyed()
	h.says(o.Number, "评价截止", "[ZQ-15.2]", "归档")
	h.text("5", "00")
	h.text("5", h.survey(o.Number).Slot)
	h.says(o.Number, "安排回访", "发回重办")
	o = h.open(nil)
	_, err := h.Withdraw(h.ctx(), o.Number, clerk, "不用了")
	h.ok(err)
	h.says(o.Number, "诉求人撤回:不用了", "发回重办")
	h.silent(o.Number, "承办单位申请")
}

// TestEveryOrderHasItsFour_ZQ_3: territory, time limit, supervision and assessment, however
// an order ended; none of the four is empty.
func TestEveryOrderHasItsFour_ZQ_3(t *testing.T) {
	h := newHall(t, "zq", filepath.Join(t.TempDir(), "h.db"))
	four := func(number string) (texts []string) {
		t.Helper()
		x, err := h.Explain(h.ctx(), number)
		h.ok(err)
		for _, s := range x.Sections {
			for _, r := range s.Reasons {
				if s.Title != "属地、限时、督办、考核" {
					continue
				}
				if texts = append(texts, r.Text); r.Rule == "" {
					t.Errorf("no clause for %q", r.Text)
				}
			}
		}
		return texts
	}
	o := h.handled(dispatch.Help, on(2026, 11, 20, 10))
	h.same("in hand", four(o.Number), []string{"属地:由水务局主办", "限时:12月4日,在期限内", "督办:未列入,逾期即列入", "考核:计入水务局按期办结率"})
	h.now = on(2026, 12, 5, 9)
	h.swept()
	_, err := h.Submit(h.ctx(), o.Number, water, h.full())
	h.ok(err)
	_, err = h.ReviewPass(h.ctx(), o.Number, desk, dispatch.Pass{})
	h.ok(err)
	h.deliver(o.Number)
	h.text("3", h.survey(o.Number).Slot)
	h.same("done late", four(o.Number), []string{"属地:由水务局主办", "限时:12月4日,超期", "督办:已列入", "考核:计入水务局按期办结率,评价基本满意"})
	o = h.complete(h.open(nil).Number)
	h.same("on the spot", four(o.Number), []string{"属地:由肇庆高新区12345自办", "限时:" + o.Due.Words() + ",按时", "督办:未列入,逾期即列入", "考核:计入热线自办件"})
}
