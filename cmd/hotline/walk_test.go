package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// TestWalk plays calls at the keyboard, from a pipe.
func TestWalk(t *testing.T) {
	set := settings{Profile: "zz", Sounds: t.TempDir()}
	h, err := loadHouse(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, keys string
		at         time.Time
		want       []string
	}{
		{"desk", "3a" + "f" + "___", time.Date(2026, 11, 23, 10, 0, 0, 0, dispatch.Place),
			[]string{"欢迎致电", "PJSIP/8001", "通话中", "您的工单号是", "话单:answered 座席 8001", "工单:ZZ20261123-00001", "咨询,来电由座席 8001接听"}},
		{"message", "0" + "__" + "aaaaaaaa#" + "h", time.Date(2026, 11, 23, 22, 30, 0, 0, dispatch.Place),
			[]string{"PJSIP/13900000001@trunk1", "接听后须按 1", "录音", "告警(urgent-message)", "话单:voicemail", "电话留言 8 秒"}},
		{"emergency", "92xba", time.Date(2026, 11, 23, 10, 0, 0, 0, dispatch.Place),
			[]string{"PJSIP/120@trunk1", "PJSIP/120@trunk2", "PJSIP/13900000003@trunk1", "话单:emergency"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var screen bytes.Buffer
			err := walk(context.Background(), walker{house: h, in: strings.NewReader(tt.keys), out: &screen, from: "13800000001", at: tt.at})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(screen.String(), want) {
					t.Errorf("no %q on the screen:\n%s", want, screen.String())
				}
			}
		})
	}
}
