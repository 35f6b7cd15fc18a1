package dispatch

import (
	"slices"
	"strings"
	"time"
)

// next says what the table of moves allows now, who may do it, and until when.
func (x *explaining) next() []Reason {
	var all []Reason
	for _, r := range x.asked {
		all = append(all, Reason{Text: "正等待决定:" + askedWords[r.Kind], Rule: r.Rule})
	}
	for _, m := range Moves {
		if m.From != x.order.State {
			continue
		}
		until, possible := x.until(m.To)
		if !possible {
			continue
		}
		r := Reason{At: until, Text: x.moveWords(m) + "(" + roleNames(m.By) + ")", Rule: m.Rule}
		if !slices.ContainsFunc(all, func(o Reason) bool { return o.Text == r.Text }) {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		all = append(all, Reason{Text: "已到终点,不再变动"})
	}
	return all
}

// until is by when a move is made or may be made; a policy rules some out.
func (x *explaining) until(to State) (at time.Time, possible bool) {
	p := x.o.policy
	lead, open := x.lead()
	switch to {
	case Signed:
		return lead.SignBy, true
	case ReturnRequested:
		window := of(p.Life.Returns.Window, x.order.Type)
		if !open || !window.set() || lead.Coordinated || p.Life.Returns.AfterExtension != "" && x.extended(lead) {
			return time.Time{}, false
		}
		at = window.Deadline(x.days, lead.FirstAt).At
		return at, x.o.now().Before(at)
	case ExtensionRequested:
		if !open || !p.Life.Extension.Allowed || p.Life.Extension.Max > 0 && lead.Extensions >= p.Life.Extension.Max {
			return time.Time{}, false
		}
		at = p.Life.Extension.lastAsk(x.days, lead)
		return at, x.o.now().Before(at)
	case Redone:
		return time.Time{}, p.Redo.allowed(x.order) == nil
	case Surveyed:
		return time.Time{}, p.Survey.Enabled
	case Submitted, Completed, Dispatched, Processing:
		return x.order.Due.At, true
	case CallBack:
		return x.survey.Deadline, p.Survey.Enabled
	}
	if x.order.State == Surveyed {
		return x.survey.Deadline, true
	}
	return time.Time{}, true
}

// extended says whether a unit asked for more time, allowed or not.
func (x *explaining) extended(a Assignment) bool {
	return slices.ContainsFunc(x.events, func(e Event) bool {
		return e.Kind == OnExtensionAsked && !e.At.Before(a.DispatchedAt)
	})
}

// lead is the lead unit's open part.
func (x *explaining) lead() (Assignment, bool) {
	i := slices.IndexFunc(x.parts, func(a Assignment) bool { return a.Lead && a.EndedAt.IsZero() })
	if i < 0 {
		return Assignment{}, false
	}
	return x.parts[i], true
}

// moveWords say a move to who does not know the states.
func (x *explaining) moveWords(m Move) string {
	switch {
	case m.From == ReturnRequested && m.To == Dispatched:
		return "同意退单并改派,或不同意而发回原单位"
	case m.From == ReturnRequested && m.To != Registered && m.To != OutOfScope && m.To != Archived:
		return "不同意退单,原单位继续办理"
	case m.From == ExtensionRequested && m.To != Archived:
		return "答复延期申请,单位继续办理"
	case m.From == Submitted && m.To == Processing:
		return "审核不通过,退回再办,期限不变"
	case m.To == Archived && m.From.Working():
		return "诉求人撤回,或并入同一诉求的工单"
	}
	return arrivals[m.To]
}

// arrivals say what it means to come into a state.
var arrivals = map[State]string{
	Registered: "回到热线重新研究", Transferred: "转接到其他热线或单位", OutOfScope: "不予受理,并告知理由和去向", Dispatched: "派发或改派承办单位",
	Signed: "承办单位签收", Processing: "承办单位核实办理", ReturnRequested: "承办单位申请退单", ExtensionRequested: "承办单位申请延期",
	Submitted: "承办单位提交办理结果,等待审核", Completed: "办结并答复诉求人", Surveyed: "以短信请诉求人评价", CallBack: "不满意或未能评价的,人工回访",
	Redone: "发回重办", Archived: "归档",
}

// askedWords are what waits for a decision.
var askedWords = map[ReviewKind]string{
	ForCorrection: "核改评价", ForRedo: "诉求人要求重办", ForException: "除外情形的本级意见", ForReturn: "退单申请", ForExtension: "延期申请",
	ForLeader: "值班领导的处理意见", ForScope: "是否受理的裁定", ForMeeting: "联席会议", ForRecheck: "回访复核", ForReport: "批办领导的意见", ForDispute: "协调定牵头",
	ForHead: "单位负责人审核答复", ForOpinion: "出具书面意见", ForApproval1: "秘书长批示", ForApproval2: "副市长批示", ForApproval3: "市长批示",
}

func roleNames(roles []Role) string {
	var names []string
	for _, r := range roles {
		if r != BySystem || len(roles) == 1 {
			names = append(names, RoleWords[r])
		}
	}
	return strings.Join(names, "、")
}

// RoleWords are the roles as people say them.
var RoleWords = map[Role]string{BySystem: "系统", ByCitizen: "诉求人", ByAgent: "话务员", ByOffice: "热线管理机构", ByDuty: "值班领导",
	ByUnit: "承办单位", ByHead: "单位负责人", ByLeader: "领导"}

// decisionWords are the kinds of events that are decisions, as people say them. What is not
// here was only noticed: a query, a note, a text that moved on.
var decisionWords = map[string]string{
	OnUrgent: "定为紧急", OnMajor: "定为重大事项", OnConfirmed: "值班领导确认", OnUnconfirmed: "无人确认,停止呼叫", OnPromised: "承诺期限", OnRecounted: "期限随日历重算",
	OnImported: "导入", OnTyped: "确定类型", OnAnswered: "当场答复", OnOwned: "首问责任", OnReplyMode: "答复方式", OnTransferred: "转接", OnUnreached: "转接未通", OnRejected: "不予受理", OnReopened: "重新受理", OnRepeated: "重复反映",
	OnDispatched: "派发", OnCopied: "抄送", OnSigned: "签收", OnStarted: "开始办理", OnContacted: "联系诉求人", OnTold: "告知延期", OnReturnAsked: "申请退单",
	OnReturned: "同意退单", OnReturnRefused: "不同意退单", OnExtensionAsked: "申请延期", OnExtended: "同意延期", OnNotExtended: "不同意延期", OnSubmitted: "提交结果",
	OnHeadPassed: "单位负责人审核", OnReviewPassed: "审核通过", OnReviewRefused: "审核退回", OnFiled: "答复备案", OnUnderstood: "诉求人理解", OnNotUnderstood: "诉求人未理解",
	OnWithdrawn: "撤回", OnMerged: "合并", OnNoReply: "无须回复", OnSupervised: "督办", OnUnsupervised: "解除督办", OnPreserved: "保全", OnUnpreserved: "解除保全", OnDiscarded: "录音到期删除", OnTier: "处理类别", OnOpinionAsked: "请出书面意见",
	OnOpinion: "书面意见", OnConsent: "征求同意", OnCompleted: "办结", OnTextSkipped: "未发短信", OnRated: "评价", OnUnrated: "未评价", OnInvalidRating: "无效评价", OnCallbackOpened: "安排回访",
	OnCallbackDone: "回访", OnException: "不重办的情形", OnRedo: "重办", OnReviewAsked: "申请审核", OnReviewDecided: "审核决定", OnCorrected: "核改评价",
	OnUnitCalled: "呼叫承办单位值班人员", OnUnitKnows: "承办单位值班人员确认", OnUnitSilent: "承办单位值班人员未确认",
	OnSuperviseOffer: "列为督办备选", OnArchived: "归档",
}

// codeWords are the codes of why something was asked for or refused (ZQ-10, ZQ-12.1).
var codeWords = map[string]string{
	"own_duty": "属本单位职责", "no_reason": "没有依据", "minor_flaw": "仅有细小瑕疵", "need_verify": "须先核实", "extension_requested": "已申请延期",
	"complex": "情况复杂", "difficult": "办理难度大", "new_info": "有新情况", "policy": "政策调整", "disaster": "不可抗力", "other": "其他",
}

// inWords says the code that a line of the timeline begins its reason with.
func inWords(text string) string {
	before, after, found := strings.Cut(text, ":")
	for code, words := range codeWords {
		if rest, ok := strings.CutPrefix(after, code); found && ok {
			return before + ":" + words + strings.TrimRight(rest, " ")
		}
	}
	return text
}
