package dispatch

import (
	"context"
	"regexp"
	"strings"

	"hotline/sms"
	"hotline/sms/survey"
)

// What a text is taken for, as sms.Inbound.HandledAs keeps it.
const (
	AsOptOut      = "opt-out"
	AsOptIn       = "opt-in"
	AsSurvey      = "survey"
	AsInvalid     = "invalid"
	AsLate        = "late"
	AsQuery       = "query"
	AsQueryWrong  = "query-wrong"  // number and code do not fit, or there is no such number
	AsQueryLocked = "query-locked" // asked while the phone may not
	AsConfirmed   = "confirmed"    // an officer has seen an alert
	AsEmpty       = "empty"
	AsOrder       = "order"
)

// meanings is the order in which a text is understood (ZZ-3.1, Q7): the first that takes
// it has it, "" passes it on. What asks for nothing in particular is a request.
var meanings = []struct {
	name string
	take func(*Office, context.Context, reading) (as string, err error)
}{
	{"refusal of texts", (*Office).takeRefusal},
	{"return to texts", (*Office).takeReturn},
	{"answer to a survey", (*Office).takeAnswer},
	{"query of an order", (*Office).takeQuery},
	{"confirmation of an alert", (*Office).takeConfirmation},
	{"nothing", (*Office).takeNothing},
	{"request", (*Office).takeRequest},
}

// reading is a text that came in, read in each way it may be meant.
type reading struct {
	answer
	inquiry
	confirms bool // says that it was seen: 收到
	returns  bool // asks for texts again: KT
}

// read reads a text. It is pure and safe for any bytes.
func read(in sms.Inbound) reading {
	r := reading{answer: answer{Inbound: in, Parsed: survey.Parse(in.Text)}}
	if len(in.Text) > maxCommand {
		return r
	}
	words := survey.Tidy(in.Text)
	r.inquiry = readInquiry(words)
	words = strings.TrimPrefix(strings.TrimPrefix(words, "回复"), "回")
	r.confirms, r.returns = confirmations[words], returns[words]
	return r
}

// maxCommand is how many bytes what is more than a request may have.
const maxCommand = 256

// Words that are a whole text, as survey.Tidy leaves them. Those of refusal are in
// survey.Parse.
var (
	returns = map[string]bool{"恢复": true, "恢复订阅": true, "恢复短信": true, "取消退订": true,
		"KT": true, "开通": true, "START": true, "UNSTOP": true}
	confirmations = map[string]bool{"1": true, "收到": true, "已收到": true, "确认": true, "收到确认": true,
		"OK": true, "知悉": true, "已知悉": true}
)

// inquiry is a text that asks about an order: 查 261121000427 4821.
type inquiry struct {
	asks   bool
	number string // as it was written, without blanks; perhaps no order's
	code   string // the last four digits
}

// inquiryPattern is a word that asks, and a number without anything else but marks.
var inquiryPattern = regexp.MustCompile(`^(?:查询|查|CX)(?:工单|单号)?[\s.,;:、，：；#*+-]*([A-Z]{2,4})?[\s-]*([0-9][0-9\s.,;:、，：；#*+-]*)$`)

// codeDigits is the length of a query code, and so the least that an inquiry has.
const codeDigits = 4

// readInquiry reads a tidied text. Blanks and marks may stand anywhere between the digits,
// since handsets put them there: the last four are the code, the rest is the number.
func readInquiry(words string) inquiry {
	m := inquiryPattern.FindStringSubmatch(words)
	if m == nil {
		return inquiry{}
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m[2])
	if len(digits) < codeDigits {
		return inquiry{}
	}
	at := len(digits) - codeDigits
	return inquiry{asks: true, number: m[1] + digits[:at], code: digits[at:]}
}

// WithoutCode is a text as others may see it: one that asks about an order has its code
// hidden, which is the citizen's alone (ZZ-18.3).
func WithoutCode(text string) string {
	q := read(sms.Inbound{Text: text}).inquiry
	if !q.asks {
		return text
	}
	return "查 " + q.number + " ****"
}

// AskedAbout is the order, by its digits, that a text asks about; "" is none.
func AskedAbout(text string) string {
	n, err := ParseNumber(read(sms.Inbound{Text: text}).number)
	if err != nil {
		return ""
	}
	return n.Digits()
}
