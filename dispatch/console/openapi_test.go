package console

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch"
)

type described struct {
	Paths      map[string]map[string]struct{ OperationID string }
	Components struct {
		Schemas map[string]struct{ Properties map[string]any }
	}
}

func describedAPI(t *testing.T) described {
	t.Helper()
	var d described
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryRouteIsDescribed, and everything described is a route.
func TestEveryRouteIsDescribed(t *testing.T) {
	var in, out []string
	for path, methods := range describedAPI(t).Paths {
		for method := range methods {
			out = append(out, strings.ToUpper(method)+" /api/v1"+path)
		}
	}
	for _, rt := range routes {
		in = append(in, rt.method+" "+rt.path)
	}
	slices.Sort(in)
	slices.Sort(out)
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("routes against openapi.json: -routes +described\n%s", diff)
	}
}

// TestEveryFieldIsDescribed: the views and the description name the same fields.
func TestEveryFieldIsDescribed(t *testing.T) {
	schemas := describedAPI(t).Components.Schemas
	for name, view := range map[string]any{
		"Order": orderView{}, "Event": eventView{}, "Call": callView{}, "Voicemail": voicemailView{}, "Message": messageView{},
		"Inbound": inboundView{}, "Trace": Trace{}, "InboundTrace": InboundTrace{}, "Talk": Talk{}, "TalkLine": TalkLine{}, "Letter": LetterView{}, "OptOut": OptOutView{}, "Link": Link{}, "Survey": surveyView{}, "Callback": callbackView{}, "Review": reviewView{}, "Act": actView{}, "Assignment": assignmentView{}, "OrderLink": tieView{}, "Attachment": attachmentView{}, "Explain": ExplainView{}, "ExplainReason": ExplainReason{}, "Hint": hintView{}, "Repeat": repeatView{}, "Hints": hintsView{}, "Choice": dispatch.Choice{}, "Entry": entryView{}, "Pushed": pushedView{}, "Handover": handoverView{}, "Work": workView{}, "Exception": exceptionView{}, "Satisfaction": satisfactionView{}, "AuditEntry": AuditView{}, "ImportReport": ImportReport{}, "ImportFault": ImportFault{}, "AuditChain": ChainView{}, "CallerRule": RuleView{}, "Target": Target{}, "Red": RedView{}, "RedPage": RedPage{}, "Desk": Desk{}, "Switch": Switch{}, "Status": statusView{}, "Session": sessionView{},
	} {
		var fields, documented []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(view)) {
			if f.Anonymous {
				continue
			}
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, tag)
		}
		for field := range schemas[name].Properties {
			documented = append(documented, field)
		}
		slices.Sort(fields)
		slices.Sort(documented)
		if diff := cmp.Diff(fields, documented); diff != "" {
			t.Errorf("%s: -code +described\n%s", name, diff)
		}
	}
}

func TestScrub(t *testing.T) {
	tests := []struct{ in, shown, hidden string }{
		{"回电13812345678谢谢", "回电138****5678谢谢", "回电(保密)谢谢"},
		{"+8613812345678", "+861****5678", "+(保密)"},
		{"138 1234 5678", "138****5678", "(保密)"},
		{"0371-67981234", "037****1234", "(保密)"},
		{"工单ZZ20261121-00042-7 261121000427", "工单ZZ20261121-00042-7 261121000427", "工单ZZ20261121-00042-7 261121000427"},
		{"查询码4821,请记好", "查询码****,请记好", "查询码****,请记好"},
		{"来电138****5678,", "来电138****5678,", "来电(保密),"},
		{"来电*****123,查询码4821", "来电*****123,查询码****", "来电(保密),查询码****"},
		{"我是李四,举报某局", "我是李四,举报某局", "我是(保密),举报某局"},
		{"姓名:欧阳墨白 反映", "姓名:欧阳墨白 反映", "姓名:(保密) 反映"},
		{"我是这里的老住户,举报", "我是这里的老住户,举报", "我是这里的老住户,举报"},
		{"3号楼2单元401", "3号楼2单元401", "3号楼2单元401"},
	}
	for _, tt := range tests {
		if shown, hidden := scrub(tt.in, false), scrub(tt.in, true); shown != tt.shown || hidden != tt.hidden {
			t.Errorf("scrub(%q) = %q, %q; want %q, %q", tt.in, shown, hidden, tt.shown, tt.hidden)
		}
	}
}
