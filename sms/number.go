package sms

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNumber says that something is not a phone number.
var ErrNumber = errors.New("not a phone number")

// Lengths of a normalised number: 110 is the shortest, an SMPP address holds at most
// 20 digits and CMPP's one more.
const (
	minDigits = 3
	maxDigits = 21
)

// Normalize brings a number to the one form everything is stored and compared in:
// digits, a mainland mobile as its eleven digits, a land line with its 0, a service
// number (106...) as it is, a foreign number with 00. Carriers put +86, 0086 or 86 in
// front as they like. It returns [ErrNumber] for what is no number; it is idempotent.
func Normalize(number string) (string, error) {
	digits, plus, err := bareDigits(number)
	if err != nil {
		return "", err
	}
	if plus {
		digits = "00" + digits
	}
	for {
		shorter := stripCountry(digits)
		if shorter == digits {
			break
		}
		digits = shorter
	}
	if len(digits) < minDigits || len(digits) > maxDigits {
		return "", fmt.Errorf("%w: %d digits", ErrNumber, len(digits))
	}
	return digits, nil
}

// bareDigits drops the marks people write between digits and narrows wide digits.
func bareDigits(number string) (digits string, plus bool, err error) {
	var b strings.Builder
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteByte(byte(r))
		case r >= '０' && r <= '９':
			b.WriteByte(byte('0' + r - '０'))
		case (r == '+' || r == '＋') && b.Len() == 0 && !plus:
			plus = true
		case strings.ContainsRune(" \t-()（）－.", r):
		default:
			return "", false, fmt.Errorf("%w: it contains %q", ErrNumber, r)
		}
		if b.Len() > 2*maxDigits {
			return "", false, fmt.Errorf("%w: too long", ErrNumber)
		}
	}
	return b.String(), plus, nil
}

// stripCountry takes one country code or one trunk zero off, if there is one.
func stripCountry(d string) string {
	switch {
	case strings.HasPrefix(d, "0086"):
		return domestic(d[4:])
	case strings.HasPrefix(d, "86") && (isMobile(d[2:]) || isService(d[2:])):
		return d[2:]
	case strings.HasPrefix(d, "0") && isMobile(d[1:]):
		return d[1:]
	}
	return d
}

// domestic is a number as written after the country code: a land line has lost its 0.
func domestic(d string) string {
	beijing := len(d) == 10 && strings.HasPrefix(d, "10")
	other := len(d) >= 9 && len(d) <= 11 && d[0] >= '2' && d[0] <= '9'
	if beijing || other {
		return "0" + d
	}
	return d
}

// isMobile reports whether d is a mainland mobile number.
func isMobile(d string) bool {
	return len(d) == 11 && d[0] == '1' && d[1] >= '3' && d[1] <= '9'
}

// isService reports whether d is a 106 service number, the kind a carrier lends us.
func isService(d string) bool {
	return len(d) >= 8 && len(d) <= maxDigits && strings.HasPrefix(d, "106")
}

// Mask hides a number for logs and screens: 13812345678 becomes 138****5678; one of
// fewer than eleven characters keeps only its last two (KF-3.1.5).
func Mask(number string) string {
	r := []rune(number)
	switch {
	case len(r) >= 11:
		return string(r[:3]) + "****" + string(r[len(r)-4:])
	case len(r) > 2:
		return strings.Repeat("*", len(r)-2) + string(r[len(r)-2:])
	}
	return strings.Repeat("*", len(r))
}
