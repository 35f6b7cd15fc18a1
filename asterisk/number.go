package asterisk

import (
	"fmt"
	"strconv"
	"strings"
)

// Normalise reduces a calling number to the digits to dial back: "+86 138-0013-8000",
// "008613800138000" and "8613800138000" are all 13800138000; other countries keep their
// code after 00. What has no digits, such as "anonymous", is empty.
func Normalise(number string) string {
	var b strings.Builder
	if strings.HasPrefix(number, "+") {
		b.WriteString("00")
	}
	for _, r := range number {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	digits := b.String()
	if digits == "00" {
		return ""
	}
	digits = strings.TrimPrefix(digits, "0086")
	if len(digits) == 13 && strings.HasPrefix(digits, "861") {
		digits = digits[2:]
	}
	return digits
}

// callerID is what Asterisk puts into From and P-Asserted-Identity.
func callerID(o DialOptions) string {
	if o.CallerID == "" {
		return ""
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"<>\`, r) {
			return -1
		}
		return r
	}, o.CallerName)
	return fmt.Sprintf("%q <%s>", name, Normalise(o.CallerID))
}

// headerName and oneLine keep what callers and flows say inside its SIP header.
func headerName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// maskEndpoint hides the middle of a mobile number for the log.
func maskEndpoint(endpoint string) string {
	tech, rest, _ := strings.Cut(endpoint, "/")
	number, host, _ := strings.Cut(rest, "@")
	if _, err := strconv.Atoi(number); err != nil || len(number) < 9 {
		return endpoint
	}
	masked := tech + "/" + number[:3] + "****" + number[len(number)-4:]
	if host != "" {
		masked += "@" + host
	}
	return masked
}
