package smpp

import (
	"math/big"
	"strings"
)

// canonical writes an id the one way ids are compared in. That receipts never match is
// the oldest complaint about SMPP gateways: hexadecimal here, decimal there, leading
// zeros, upper case.
func canonical(form IDForm, raw string) string {
	id := strings.ToLower(strings.TrimSpace(strings.TrimRight(raw, "\x00")))
	base := map[IDForm]int{Hex: 16, Decimal: 10}[form]
	if base != 0 && len(id) <= 64 && id != "" && strings.Trim(id, "0123456789abcdef") == "" {
		if n, ok := new(big.Int).SetString(id, base); ok {
			return n.String()
		}
	}
	if short := strings.TrimLeft(id, "0"); short != "" || id == "" {
		return short
	}
	return "0"
}
