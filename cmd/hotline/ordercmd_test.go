package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOrderCommands leads an order through its life by the command line alone.
func TestOrderCommands(t *testing.T) {
	c := newCounter(t, "zz")
	run := func(line string, want ...string) string {
		t.Helper()
		out, err := c.hotline(strings.Fields("order " + line)...)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: missing %q in %s", line, w, out)
			}
		}
		return out
	}
	n := regexp.MustCompile(`ZZ\d{8}-\d{5}-\d`).FindString(run("register --type help --phone 13812345678 --summary 小区停水", "已登记", "查询码", "2026-11-25 24:00", "ZZ-17.1"))
	run("list --hotline", n)
	run("classify "+n+" --points 1", "已登记")
	run("dispatch "+n+" --lead water --assist roads --words 请办 --key k1", "已派发", "water")
	run("dispatch "+n+" --lead water --assist roads --words 请办 --key k1", "已派发")
	run("list --unit water --state dispatched", n)
	run("sign "+n, "已签收")
	run("start "+n, "办理中")
	run("contact "+n+" --how phone --evidence rec1 --told-due", "办理中")
	run("extend "+n+" --reason 待料 --told office --told hotline --told caller", "申请延期")
	run("extend allow "+n+" --until 2026-12-01T17:00 --as boss", "办理中", "2026-12-01 17:00")
	run("return "+n+" --reason 不是", "申请退单")
	run("return refuse "+n+" --opinion 是 --as boss", "办理中")
	paper := filepath.Join(t.TempDir(), "验收单.pdf")
	if err := os.WriteFile(paper, []byte("%PDF"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("attach "+n+" --file "+paper, "办理中")
	run("submit "+n+" --process 维修 --result 已修好", "待审核")
	run("send-back "+n+" --opinion 再查", "办理中")
	run("submit "+n+" --process 维修 --result 已修好", "待审核")
	run("supervise "+n+" --on --reason 重点", "督办")
	run("note "+n+" --text 已告知", "done")
	run("review "+n+" --as boss", "已办结")
	run("show "+n, "添加附件(第1件)", "138****5678", "第1次 water 主办", "已修好", "extended", "[ZZ-17.4]")
	run("list --all", n)
	run("list --find 停水", n)
	if out := run("list"); strings.Contains(out, n) {
		t.Errorf("it is done: %s", out)
	}
}

// TestOrderCommandsRefused: a fault names field and clause, and changes nothing.
func TestOrderCommandsRefused(t *testing.T) {
	c := newCounter(t, "zz")
	out, err := c.hotline("order", "register", "--type", "help", "--summary", "停水")
	if err != nil {
		t.Fatal(err)
	}
	n := regexp.MustCompile(`ZZ\d{8}-\d{5}-\d`).FindString(out)
	for line, want := range map[string]string{
		"register --type help":                     "summary",
		"register --type party --summary x":        "type",
		"dispatch " + n:                            "请填写主办单位(ZZ-11.2) [field lead, clause ZZ-11.2]",
		"dispatch " + n + " --lead x":              "[field units, clause ZZ-11.2]",
		"dispatch " + n + " --promised-at tuesday": "--promised-at",
		"sign " + n:                                "[field state, clause ZQ-11.0]",
		"withdraw " + n:                            "[field reason, clause ZQ-13.2]",
		"redo " + n + " --reason 不满":               "办结并评价或归档后才能重办",
		"correct " + n:                             "clause ZQ-15.6",
		"extend allow " + n:                        "[field state, clause ZQ-12.3]",
		"tier " + n + " --tier 9":                  "field tier",
		"show ZZ20260101-00001-0":                  "没有找到",
		"list --state dancing --as nobody":         "log in",
		"list --due-before tuesday":                "--due-before",
		"attach " + n + " --file /nowhere.pdf":     "nowhere.pdf",
		"sign":                                     "arg",
		"dance " + n:                               "",
	} {
		out, err := c.hotline(strings.Fields("order " + line)...)
		if err == nil && want != "" || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q; %s", line, err, want, out)
		}
	}
	if out, err := c.hotline("order", "show", n); err != nil || !strings.Contains(out, "已登记") || strings.Count(out, "registered") != 1 || strings.Contains(out, "dispatched") {
		t.Errorf("it changed: %s %v", out, err)
	}
}
