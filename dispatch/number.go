package dispatch

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Place is the zone every day, deadline and office hour is meant in (T1). China has
// had one zone without summer time since 1992, so a fixed offset is exact and needs
// no zone files on the machine.
var Place = time.FixedZone("Asia/Shanghai", 8*60*60)

// MaxSerial is how many orders one day can number.
const MaxSerial = 999999

// Number names one order: its day, the how-many-eth of that day, and a check digit
// over both, so that a key pressed wrong on the phone is noticed (ZZ-18.3).
type Number struct {
	Prefix string // two to four capital letters of the profile; empty when read from the phone
	Day    string // YYYYMMDD in Asia/Shanghai
	Serial int    // 1 to MaxSerial
}

// String is how people read it: ZZ20261121-00042-7.
func (n Number) String() string {
	return fmt.Sprintf("%s%s-%05d-%d", n.Prefix, n.Day, n.Serial, checkDigit(n.body()))
}

// Digits is how the phone has it: 261121000427, 12 digits (13 after 99999 orders in
// a day). It starts with the year, so until 2090 never with 9, the emergency key.
func (n Number) Digits() string { return n.body() + strconv.Itoa(checkDigit(n.body())) }

func (n Number) body() string { return fmt.Sprintf("%s%05d", n.Day[2:], n.Serial) }

// ParseNumber reads either form, with or without dashes and blanks, in either case.
// A wrong check digit, an impossible day or anything else fails with ErrInvalid.
func ParseNumber(s string) (Number, error) {
	if len(s) > 64 {
		return Number{}, fmt.Errorf("order number of %d bytes: %w", len(s), ErrInvalid)
	}
	s = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
	digits := strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	n := Number{Prefix: s[:len(s)-len(digits)]}
	if n.Prefix == "" {
		digits = "20" + digits // the phone's form leaves the century out
	}
	if len(n.Prefix) == 1 || len(n.Prefix) > 4 || len(digits) < 14 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return Number{}, fmt.Errorf("order number %q: %w", s, ErrInvalid)
	}
	n.Day = digits[:8]
	n.Serial, _ = strconv.Atoi(digits[8 : len(digits)-1])
	if _, err := time.Parse("20060102", n.Day); err != nil || n.Day[:2] != "20" || n.Serial < 1 {
		return Number{}, fmt.Errorf("order number %q: %w", s, ErrInvalid)
	}
	if n.body() != digits[2:len(digits)-1] || checkDigit(n.body()) != int(digits[len(digits)-1]-'0') {
		return Number{}, fmt.Errorf("order number %q: check digit: %w", s, ErrInvalid)
	}
	return n, nil
}

// checkDigit is ISO 7064 MOD 11,10: one digit that notices every single wrong digit
// and nearly every swapped pair, 0 and 9 included (which Luhn lets pass).
func checkDigit(digits string) int {
	p := 10
	for _, c := range digits {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return (11 - p) % 10
}

// newPIN draws four digits of which the first is never 9: a caller who types it must
// not start with the emergency key.
func newPIN() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(9000))
	if err != nil {
		return "", fmt.Errorf("draw a query code: %w", err)
	}
	return fmt.Sprintf("%04d", n.Int64()), nil
}
