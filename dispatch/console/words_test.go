package console

import (
	"testing"

	"hotline/dispatch"
)

// TestWords: what was written with somebody hidden is not shown at all.
func TestWords(t *testing.T) {
	for _, tt := range []struct {
		hidden, matter bool
		want           string
	}{{false, false, "来电138****5678"}, {false, true, "来电(保密)"}, {true, true, "(保密)"}} {
		if got := words("来电13812345678", tt.hidden, dispatch.Order{Confidential: tt.matter}); got != tt.want {
			t.Errorf("hidden %t, matter %t: %q, want %q", tt.hidden, tt.matter, got, tt.want)
		}
	}
}
