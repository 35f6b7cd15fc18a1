package sms_test

import (
	"errors"
	"testing"

	"hotline/sms"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"13812345678":         "13812345678",
		"+8613812345678":      "13812345678",
		"008613812345678":     "13812345678",
		"8613812345678":       "13812345678",
		"+86 138-1234-5678":   "13812345678",
		"013812345678":        "13812345678",
		"１３８１２３４５６７８":         "13812345678",
		"＋86（138）12345678":    "13812345678",
		"+8637161234567":      "037161234567",
		"+861061234567":       "01061234567",
		"0371-61234567":       "037161234567",
		"86106901234501":      "106901234501",
		"+86106901234501":     "106901234501",
		"106901234501":        "106901234501",
		"12345":               "12345",
		"110":                 "110",
		"+12025550123":        "0012025550123",
		"0085212345678":       "0085212345678",
		"86868613812345678":   "86868613812345678",
		"+86 86 138 12345678": "13812345678",
	} {
		got, err := sms.Normalize(in)
		if err != nil || got != want {
			t.Errorf("Normalize(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "1", "anonymous", "138x2345678", "+", "13812345678;drop", "1234567890123456789012", "1+3812345678"} {
		if got, err := sms.Normalize(in); !errors.Is(err, sms.ErrNumber) {
			t.Errorf("Normalize(%q) = %q, %v; want ErrNumber", in, got, err)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"+8613812345678", "0086", "8686", "010 8612345678", "＋８６"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := sms.Normalize(s)
		if err != nil {
			return
		}
		again, err := sms.Normalize(n)
		if err != nil || again != n {
			t.Errorf("Normalize(%q) = %q, and of that %q, %v", s, n, again, err)
		}
	})
}

func TestMaskKF_3_1_5(t *testing.T) {
	for in, want := range map[string]string{
		"13812345678": "138****5678", "037161234567": "037****4567",
		"61234567": "******67", "12345": "***45", "110": "*10", "11": "**", "": "", "anonymous": "*******us",
	} {
		if got := sms.Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}
