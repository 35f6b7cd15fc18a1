package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hotline/sms"
)

// errDown says that the link cannot send.
var errDown = errors.New("link is down")

// errUnapproved says that a text was not written for this account. Another link may carry
// it, and this one once somebody has written the template down.
var errUnapproved = errors.New("text fits none of the approved templates")

// Send is sms.Transport. The text goes whole, in one request; whatever happens after a
// connection stood and before an answer was read leaves the outcome unknown.
func (l *Link) Send(ctx context.Context, out sms.Outgoing) (sms.Taken, error) {
	s, ok := l.textSlots(out)
	if !ok {
		l.count(func(st *Stats) { st.Unapproved++ })
		return sms.Taken{}, &sms.SendError{Fault: sms.Temporary, Err: errUnapproved}
	}
	if err := l.seat(ctx); err != nil {
		return sms.Taken{}, &sms.SendError{Fault: sms.Unreachable, Err: err}
	}
	defer l.leave()
	req, err := l.request(&l.cfg.API.Send.Request, s)
	if err != nil {
		return sms.Taken{}, &sms.SendError{Fault: sms.Permanent, Err: err}
	}
	began := l.cfg.Clock.Now()
	a, sent, err := l.exchange(ctx, req)
	if sent {
		l.meter.Count(func(s *sms.LinkStats) { s.Submits++ })
	}
	if err != nil {
		return sms.Taken{}, l.unanswered(out, sent, err)
	}
	id, fault := l.cfg.API.Send.judge(a)
	l.meter.Answered(l.cfg.Clock.Now().Sub(began), fault)
	if fault != nil {
		if fault.Fault == sms.Unknown {
			l.expect(out, "")
		}
		return sms.Taken{}, fault
	}
	whole, _ := s["signed"].(string)
	taken := sms.Taken{Segments: sms.Segments(whole)}
	if id != "" {
		taken.CarrierIDs = []string{id}
		l.expect(out, id)
	}
	return taken, nil
}

// unanswered is the fault of a text whose request had no answer.
func (l *Link) unanswered(out sms.Outgoing, sent bool, err error) *sms.SendError {
	l.suspect(err)
	if !sent {
		return &sms.SendError{Fault: sms.Unreachable, Err: err}
	}
	l.meter.Count(func(s *sms.LinkStats) { s.Timeouts++ })
	l.expect(out, "")
	return &sms.SendError{Fault: sms.Unknown, Err: err}
}

// judge reads the answer to a send.
func (s *Send) judge(a answer) (id string, fault *sms.SendError) {
	code, words := first(a.body, s.Code), first(a.body, s.Words)
	success := a.status/100 == 2
	said := code != "" || len(s.Code) == 0
	if success && (slices.Contains(s.OK, code) || len(s.Code) == 0) {
		return strings.TrimSpace(first(a.body, s.ID)), nil
	}
	fault = &sms.SendError{Code: cmp.Or(code, "HTTP "+strconv.Itoa(a.status)), Err: errors.New(cmp.Or(hide(words), http.StatusText(a.status), "refused"))}
	byCode, known := s.faultOf(code)
	byStatus, listed := s.Status[a.status]
	switch {
	case known:
		fault.Fault = byCode
	case listed:
		fault.Fault = byStatus
	case success && !said:
		fault.Fault, fault.Err = sms.Unknown, fmt.Errorf("answer without a code: %w", cmp.Or(a.text, errNoCode))
	case success:
		fault.Fault = sms.Permanent
	default:
		fault.Fault = ofStatus(a.status, code != "")
	}
	return "", fault
}

// digits may be somebody's number.
var digits = regexp.MustCompile(`\d{7,}`)

// hide masks the numbers in a carrier's words, which are logged.
func hide(words string) string { return digits.ReplaceAllStringFunc(words, sms.Mask) }

// errNoCode says that an answer was JSON, but not the one expected.
var errNoCode = errors.New("nothing at its path")

// faultOf is what a code means by the table.
func (s *Send) faultOf(code string) (f sms.Fault, known bool) {
	if code == "" {
		return "", false
	}
	if f, known = s.Faults[code]; known {
		return f, true
	}
	longest := -1
	for form, fault := range s.Faults {
		begin, open := strings.CutSuffix(form, "*")
		if open && strings.HasPrefix(code, begin) && len(begin) > longest {
			f, longest, known = fault, len(begin), true
		}
	}
	return f, known
}

// ofStatus is what an HTTP status means that no table names. A refusal that does not speak
// of the text is our account's trouble or the server's: another link may carry it, or this
// one once somebody has seen to it.
func ofStatus(status int, coded bool) sms.Fault {
	switch {
	case status == http.StatusTooManyRequests:
		return sms.Throttled
	case status >= 500:
		return sms.Unknown
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return sms.Permanent
	case coded && status == http.StatusNotFound:
		return sms.Permanent
	}
	return sms.Temporary
}
