package ivr_test

import (
	"strings"
	"testing"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/ivr"
)

func explain(t *testing.T, id, at string) string {
	t.Helper()
	flow, profile := loadHotline(t, id)
	roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/"+id+"/roster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	when := moment(t, at)
	var lines []string
	for _, r := range ivr.Explain(flow, profile, ivr.Question{From: citizen, To: "12345", At: when, Shift: roster.At(when)}) {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

func TestExplainSaysWhatAndWhy(t *testing.T) {
	for _, tt := range []struct {
		id, at string
		want   []string
		not    []string
	}{
		{"zz", "2026-10-01 03:00", []string{"138****0001", "周四", "非工作时间 → 值班电话", "李卫东(139****0002)、王建国", "[ZZ-20.2]", "[ZZ-10.3]"}, []string{"话务员", citizen}},
		{"zz", "2026-10-01 10:00", []string{"工作时间 → 话务员", "(与是否工作日无关) [ZZ-20.1]"}, nil},
		{"xz", "2026-11-23 10:00", []string{"5 转 12395", "转接 营商环境专席 80000001"}, nil},
		{"sq", "2026-02-17 03:00", []string{"接通后 → 欢迎与录音告知", "然后 → 话务员", "无人接听 → 值班电话"}, []string{"菜单"}},
	} {
		got := explain(t, tt.id, tt.at)
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s %s: no %q in\n%s", tt.id, tt.at, w, got)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(got, w) {
				t.Errorf("%s %s: %q in\n%s", tt.id, tt.at, w, got)
			}
		}
	}
	flow, profile := loadHotline(t, "zz")
	wrong := ivr.Explain(flow, profile, ivr.Question{To: "12346", At: moment(t, daytime)})
	if !strings.Contains(wrong[1].Text, "不是本热线的号码") || !strings.Contains(wrong[0].Text, "未显示号码") {
		t.Errorf("%v", wrong[:2])
	}
}
