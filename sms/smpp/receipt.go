package smpp

import (
	"strings"

	"hotline/sms"
)

// Optional parameters we read.
const (
	tagReceiptedID  uint16 = 0x001E
	tagSarRef       uint16 = 0x020C
	tagSarTotal     uint16 = 0x020E
	tagSarSeq       uint16 = 0x020F
	tagPayload      uint16 = 0x0424
	tagMessageState uint16 = 0x0427
)

// stateNames are the values of message_state.
var stateNames = map[byte]string{
	1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}

// receiptOf reads a receipt: from its parameters where it has them, else from its text.
// It is nil if it does not say which text it speaks of.
func (p protocol) receiptOf(d deliver) *sms.Receipt {
	words := receiptWords(string(d.body))
	id := words["id"]
	if v := strings.TrimRight(string(d.params[tagReceiptedID]), "\x00"); v != "" {
		id = v
	}
	state := strings.ToUpper(words["stat"])
	if v := d.params[tagMessageState]; len(v) == 1 && stateNames[v[0]] != "" {
		state = stateNames[v[0]]
	}
	if id = canonical(p.ReceiptIDs, id); id == "" {
		return nil
	}
	r := &sms.Receipt{
		CarrierID: id, Phone: d.from,
		Status: sms.StatusOf(state), Raw: state, DoneAt: sms.ReceiptTime(words["done date"], p.Zone),
	}
	if e := strings.Trim(words["err"], "0"); e != "" {
		r.Raw += " err:" + words["err"]
	}
	return r
}

// receiptKeys are the words of a receipt's text, in their order (Appendix B).
var receiptKeys = []string{"id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"}

// receiptWords reads "id:7 sub:001 dlvrd:001 submit date:... done date:... stat:DELIVRD
// err:000 text:...". The form is the vendor's choice: any case, any order, missing
// words and blanks after the colon are all seen. What follows text: is the citizen's
// and may look like anything.
func receiptWords(s string) map[string]string {
	words := map[string]string{}
	if len(s) > 1024 {
		s = s[:1024]
	}
	lower := strings.ToLower(s)
	if len(lower) != len(s) { // a letter that changes its length; not a receipt's
		lower = s
	}
	if i := wordAt(lower, "text"); i >= 0 {
		s, lower = s[:i], lower[:i]
	}
	for _, key := range receiptKeys {
		i := wordAt(lower, key)
		if i < 0 {
			continue
		}
		value := strings.TrimLeft(s[i+len(key)+1:], " ")
		if end := strings.IndexAny(value, " \t\r\n\x00"); end >= 0 {
			value = value[:end]
		}
		words[key] = value
	}
	return words
}

// wordAt finds a key with its colon at the start of a word.
func wordAt(s, key string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], key+":")
		if i < 0 {
			return -1
		}
		i += from
		if i == 0 || s[i-1] == ' ' || s[i-1] == '\n' || s[i-1] == '\t' {
			return i
		}
		from = i + 1
	}
}
