package main

import (
	"strings"
	"testing"

	"hotline/dispatch"
)

// TestExplainOrderCommand asks a running console why an order is where it is.
func TestExplainOrderCommand(t *testing.T) {
	c := newCounter(t, "zz")
	o := c.registered(dispatch.Intake{Type: dispatch.Help, Phone: "13812345678", Name: "王先生", Summary: "小区停水,回电13812345678"})
	desk := dispatch.By{Actor: "office:李", Role: dispatch.ByOffice}
	if _, err := c.office.Dispatch(t.Context(), o.Number, desk, dispatch.Giving{Lead: "water", Words: "回电13812345678"}); err != nil {
		t.Fatal(err)
	}
	out, err := c.hotline("explain", "order", o.Number)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{o.Number + "(求助),已派发", "为什么由这个单位办", "诉求提到“停水”,属该单位事项 [ZZ-8]", "2026-11-25 24:00 第1次办理,水务局的办理期限:2个工作日 [ZZ-17.1]",
		"2026-11-24 周二 第1个工作日", "所依条款", "ZZ-17.1    《郑州高新区投资服务热线管理暂行办法》:简单的2个工作日", "138****5678", "承办单位签收"} {
		if !strings.Contains(out, want) {
			t.Errorf("missing: %s\nin: %s", want, out)
		}
	}
	for _, leak := range []string{"13812345678", "王先生", "office"} {
		if strings.Contains(out, leak) {
			t.Errorf("%s in: %s", leak, out)
		}
	}
	if _, err := c.hotline("explain", "order", "ZZ20260101-00001-0"); err == nil || !strings.Contains(err.Error(), "没有找到") {
		t.Errorf("no such order: %v", err)
	}
}
