package smpp

import (
	"math/big"
	"strings"

	"hotline/sms"
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

// extension is what follows our own number in the number a text was sent to. Carriers
// put 86 in front or leave the extension off as they like; with several numbers the
// longest that fits is the one meant.
func (l *Link) extension(to string) (number, ext string) {
	if n, err := sms.Normalize(to); err == nil {
		to = n
	}
	longest := -1
	for _, base := range l.cfg.Numbers {
		if strings.HasPrefix(to, base) && len(base) > longest {
			longest = len(base)
		}
	}
	if longest < 0 {
		return to, ""
	}
	return to, to[longest:]
}
