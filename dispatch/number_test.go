package dispatch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestZZ18_3_NumbersInBothForms(t *testing.T) {
	n := Number{Prefix: "ZZ", Day: "20261121", Serial: 42}
	same := []string{n.String(), n.Digits(), strings.ToLower(n.String()), strings.ReplaceAll(n.String(), "-", ""), "2611 2100 042" + n.Digits()[11:]}
	if want := "ZZ20261121-00042-"; !strings.HasPrefix(n.String(), want) || len(n.Digits()) != 12 || !strings.HasPrefix(n.Digits(), "26112100042") {
		t.Fatalf("%s and %s", n, n.Digits())
	}
	for _, s := range same {
		got, err := ParseNumber(s)
		if err != nil || got.Day != n.Day || got.Serial != n.Serial {
			t.Errorf("%q reads as %+v, %v", s, got, err)
		}
	}
}

func TestParseNumberRefuses(t *testing.T) {
	good := Number{Prefix: "ZZ", Day: "20261121", Serial: 42}.String()
	for _, s := range []string{
		"", "ZZ", "12345", good + "1", good[:len(good)-1], "Z" + good[2:], "ZZZZZ" + good[2:],
		"ZZ20261321-00042-7", "ZZ19261121-00042-7", "ZZ20261121-00000-1", "二〇二六1121000427", strings.Repeat("2", 200),
	} {
		if n, err := ParseNumber(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q reads as %+v, %v", s, n, err)
		}
	}
}

// TestOneWrongKeyIsNoticed tries every single wrong digit and every swapped pair.
func TestOneWrongKeyIsNoticed(t *testing.T) {
	missed, swaps := 0, 0
	for serial := 1; serial <= 99999; serial += 97 {
		body := fmt.Sprintf("261121%05d", serial)
		check := checkDigit(body)
		for i := range body {
			for d := byte('0'); d <= '9'; d++ {
				wrong := body[:i] + string(d) + body[i+1:]
				if d != body[i] && checkDigit(wrong) == check {
					t.Fatalf("%s and %s have the same check digit", body, wrong)
				}
			}
			if i+1 < len(body) && body[i] != body[i+1] {
				swaps++
				if checkDigit(body[:i]+string(body[i+1])+string(body[i])+body[i+2:]) == check {
					missed++
				}
			}
		}
	}
	if missed*50 > swaps {
		t.Errorf("%d of %d swapped pairs pass", missed, swaps)
	}
}

func TestPINsNeverStartWithTheEmergencyKey(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		pin, err := newPIN()
		if err != nil || len(pin) != 4 || pin[0] == '9' || strings.Trim(pin, "0123456789") != "" {
			t.Fatalf("pin %q, %v", pin, err)
		}
		seen[pin] = true
	}
	if len(seen) < 1000 {
		t.Errorf("only %d different codes in 2000", len(seen))
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add(Number{Prefix: "ZZ", Day: "20261121", Serial: 42}.String())
	f.Add(Number{Prefix: "ZZ", Day: "20261121", Serial: MaxSerial}.Digits())
	f.Add("ZZ20261121-00042-0")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err != nil {
			return
		}
		for _, form := range []string{n.String(), n.Digits()} {
			again, err := ParseNumber(form)
			if n.Prefix == "" && form == n.String() {
				continue // without a prefix there is only the phone's form
			}
			if err != nil || again.Day != n.Day || again.Serial != n.Serial {
				t.Errorf("%q reads as %+v, whose form %q reads as %+v, %v", s, n, form, again, err)
			}
		}
	})
}
