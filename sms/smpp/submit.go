package smpp

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/linxGnu/gosmpp/data"

	"hotline/sms"
)

// maxAddr is how many digits a source_addr holds.
const maxAddr = 20

// Submits is sms.Protocol.
func (p protocol) Submits(out sms.Outgoing) ([]sms.Frame, error) {
	segments, err := sms.Split(out.Text, out.Ref)
	if err != nil {
		return nil, err
	}
	from := address{p.SourceTON, p.SourceNPI, p.Numbers[0] + out.Ext}
	to := address{p.DestTON, p.DestNPI, out.To}
	if f, t := len(from.written()), len(to.written()); max(f, t) > maxAddr {
		return nil, fmt.Errorf("numbers of %d and %d digits, at most %d", f, t, maxAddr)
	}
	frames := make([]sms.Frame, len(segments))
	for i, seg := range segments {
		frames[i] = sms.Frame{Command: submitSM, Body: p.submitBody(from, to, out.Validity, seg)}
	}
	return frames, nil
}

// submitBody is one segment's submit_sm.
func (p protocol) submitBody(from, to address, valid time.Duration, seg sms.Segment) []byte {
	var esm, receipt byte
	var header []byte
	if seg.Concat.IsPart() {
		esm, header = esmHeader, seg.Concat.Header()
	}
	if p.Receipts {
		receipt = data.SM_SMSC_RECEIPT_REQUESTED
	}
	b := make([]byte, 0, 96+len(header)+len(seg.Data))
	b = cstring(b, "") // service_type
	b = to.append(from.append(b))
	b = append(b, esm, 0, 0) // esm_class, protocol_id, priority_flag
	b = cstring(b, "")       // schedule_delivery_time
	b = cstring(b, validity(valid))
	b = append(b, receipt, 0, byte(seg.Coding), 0) // registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id
	b = append(b, byte(len(header)+len(seg.Data))) // a segment has at most 160 octets
	return append(append(b, header...), seg.Data...)
}

// address is a number with its plan.
type address struct {
	ton, npi byte
	digits   string
}

func (a address) append(b []byte) []byte { return cstring(append(b, a.ton, a.npi), a.written()) }

// written is the number as its type wants it: an international one begins with its country.
func (a address) written() string {
	if a.ton != data.GSM_TON_INTERNATIONAL {
		return a.digits
	}
	if foreign, ok := strings.CutPrefix(a.digits, "00"); ok {
		return foreign
	}
	return "86" + strings.TrimPrefix(a.digits, "0")
}

// Taken is sms.Protocol.
func (p protocol) Taken(answer sms.Frame) (string, *sms.SendError) {
	if answer.Status != statusOK || answer.Command == genericNack {
		return "", refusal(answer)
	}
	raw, _, _ := bytes.Cut(answer.Body, []byte{0})
	return canonical(p.SubmitIDs, string(raw)), nil
}

// validity is a relative validity_period (§7.1.1.2); empty leaves it to the carrier. The
// form ends at 99 days.
func validity(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	d = max(min(d, 98*24*time.Hour).Truncate(time.Second), time.Second)
	days := int(d.Hours()) / 24
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", days, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60)
}
