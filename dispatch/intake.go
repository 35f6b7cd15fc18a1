package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/sms"
)

// Intake is a request as it comes in.
type Intake struct {
	Key          string // idempotency: the same key is one order; empty is never the same
	Channel      Channel
	Type         Type   // empty is Unset
	Phone        string // as presented; kept only if it is a number
	Name         string
	Summary      string
	CallID       string
	Urgent       bool
	Confidential bool // a report always is (KF-3.1.5)
	Actor        string
	Voicemail    *Voicemail // written with the order; its ID, Order and CallID are filled in
	NotifyDuty   []string   // numbers of officers who get a text about it
	ReceiptText  bool       // tell the requester number and code by text
	Language     string     // in which the requester is texted: English, or "" for Chinese
	// At is when it was said; zero, or a moment to come, is now. The deadline counts from
	// it: what waited for the database has not cost the citizen time.
	At time.Time
	// Unit is the one that took the call itself: the order is its own at once (ZZ-14.1).
	Unit string
	// Source is where it came from when not from a citizen, and UpperDue when that office
	// wants it done (ZZ-3.3).
	Source   string
	UpperDue time.Time
	// Imported is the number it has in the system it was brought in from; empty: it came here.
	Imported string
}

// limits of what people write; the rest is cut, never refused.
const (
	maxName    = 100
	maxSummary = 4000
)

// errRepeat unwinds the transaction of a request that came twice, its serial included.
var errRepeat = errors.New("this request was taken before")

// Open registers a request as an order: number, code, deadline, first event, its
// voicemail and its texts, all in one transaction (ZZ-16.1). A key that was used
// before returns the order it made and writes nothing. A type the hotline does not
// accept fails with ErrInvalid (ZZ-2).
func (o *Office) Open(ctx context.Context, in Intake) (Order, error) {
	var order Order
	before, err := o.before(ctx, in, o.now())
	if err != nil {
		return Order{}, fmt.Errorf("open an order: %w", err)
	}
	err = o.do(ctx, func(u *unit) error {
		var err error
		if order, err = u.open(in); err != nil {
			return err
		}
		if in.Unit != "" {
			by := By{Actor: in.Actor, Role: BySystem}
			if err := u.give(&order, by, Giving{Lead: in.Unit, Way: "direct", Words: "本单位自接"}); err != nil {
				return err
			}
			if err := u.SaveOrder(&order); err != nil {
				return err
			}
		}
		if before.Number == "" {
			return nil
		}
		if err := u.InsertLink(Link{Order: order.Number, Kind: LinkRepeat, Other: before.Number, Actor: in.Actor, At: u.now}); err != nil {
			return fmt.Errorf("tie to %s: %w", before.Number, err)
		}
		return u.put(order, "system", Putting{Kind: ForRecheck, Reason: "同一号码再次反映,请复核" + before.Number + "的办理结果"})
	})
	if errors.Is(err, errRepeat) {
		return order, nil
	}
	if err != nil {
		return Order{}, fmt.Errorf("open an order: %w", err)
	}
	if order.Due.Provisional {
		o.log.Warn("deadline is provisional: a calendar year is missing", "order", order.Number, "due", order.Due.At)
	}
	o.log.Info("order registered", "order", order.Number, "channel", order.Channel,
		"type", order.Type, "urgent", order.Urgent, "due", order.Due.At)
	return order, nil
}

// LeaveVoicemail registers the message a caller left: voicemail, order and the texts
// to officers in one transaction (ZZ-20.2). Without a Key the recording's file is the
// key, so that a message imported twice is one order.
func (o *Office) LeaveVoicemail(ctx context.Context, in Intake) (Order, error) {
	if in.Voicemail == nil || in.Voicemail.File == "" {
		return Order{}, fmt.Errorf("a voicemail without its file: %w", ErrInvalid)
	}
	if in.Key == "" {
		in.Key = "voicemail:" + in.Voicemail.File
	}
	in.Channel = ByVoicemail
	in.Urgent = in.Urgent || in.Voicemail.Urgent
	return o.Open(ctx, in)
}

// open does the work of Open inside a transaction.
func (u *unit) open(in Intake) (Order, error) {
	order, err := u.newOrder(in)
	if err != nil {
		return Order{}, err
	}
	stored, err := u.InsertOrder(order, in.Key)
	if errors.Is(err, ErrConflict) && stored.Number != "" {
		return stored, errRepeat
	}
	if err != nil {
		return Order{}, fmt.Errorf("insert %s: %w", order.Number, err)
	}
	text := "登记" + ChannelWords[order.Channel] + "诉求"
	if order.Due.Provisional {
		text += "(工作日历缺年,期限暂定)"
	}
	if err := u.event(Event{Number: stored.Number, Actor: in.Actor, Kind: OnRegistered, Rule: stored.Due.Rule, Text: text}); err != nil {
		return Order{}, err
	}
	if in.Imported != "" {
		if err := u.event(Event{Number: stored.Number, Actor: in.Actor, Kind: OnImported, Rule: "SQ-2.3", Text: "导入,原编号 " + in.Imported}); err != nil {
			return Order{}, err
		}
	}
	if err := u.attach(in, stored); err != nil {
		return Order{}, err
	}
	return stored, u.announce(in, stored)
}

// Acceptable says whether Open would take a request as it is: nil, or ErrInvalid with the
// reason. It writes nothing.
func (o *Office) Acceptable(in Intake) error {
	if p := o.policy; !p.Accepts(cmp.Or(in.Type, Unset)) {
		return fmt.Errorf("type %q at %s: %w", in.Type, p.Hotline.ID, ErrInvalid)
	}
	if err := o.policy.named(in.Type, in.Name); err != nil {
		return err
	}
	if ChannelWords[in.Channel] == "" {
		return fmt.Errorf("channel %q: %w", in.Channel, ErrInvalid)
	}
	return nil
}

// named refuses a report without a name where the hotline takes none (Q27).
func (p *Policy) named(t Type, name string) error {
	if t != Report || p.Life.RealName == "" || strings.TrimSpace(name) != "" {
		return nil
	}
	return refuse(ErrInvalid, Refusal{Field: "name", Rule: p.Life.RealName, Text: "举报须实名,请填写姓名;姓名依法保密"})
}

// newOrder numbers the request and finds its deadline.
func (u *unit) newOrder(in Intake) (Order, error) {
	p := u.office.policy
	if in.Type == "" {
		in.Type = Unset
	}
	if err := u.office.Acceptable(in); err != nil {
		return Order{}, err
	}
	day := u.now.In(Place).Format("20060102")
	serial, err := u.NextSerial(day)
	if err != nil {
		return Order{}, fmt.Errorf("next serial of %s: %w", day, err)
	}
	if serial > MaxSerial {
		return Order{}, fmt.Errorf("order %d of %s: %w", serial, day, ErrInvalid)
	}
	pin, err := newPIN()
	if err != nil {
		return Order{}, err
	}
	number := Number{Prefix: p.Hotline.Prefix, Day: day, Serial: serial}
	said := in.At.UTC().Truncate(time.Microsecond)
	if in.At.IsZero() || said.After(u.now) {
		said = u.now
	}
	order := Order{
		Number: number.String(), Digits: number.Digits(), PIN: pin,
		Type: in.Type, Channel: in.Channel, State: Registered,
		Phone: knownNumber(in.Phone), Name: cut(in.Name, maxName), Summary: cut(in.Summary, maxSummary), Language: in.Language,
		Urgent: in.Urgent, Confidential: in.Confidential || in.Type == Report, CallID: in.CallID,
		Due: p.Term(in.Type).Deadline(u.office.calendar(), said), CreatedAt: said, Version: 1,
		Handling: Handling{Owner: firstOwner(in.Actor), Source: cut(in.Source, maxName), Upper: cut(in.Imported, maxName),
			UpperDue: in.UpperDue.UTC().Truncate(time.Microsecond)},
	}
	order.Due = order.sooner(order.Due, p.Life.UpperRule)
	return order, nil
}

// sooner is a deadline, or the higher office's where that comes first and the policy has a
// clause for it (ZZ-3.3).
func (o Order) sooner(due Deadline, rule string) Deadline {
	if rule == "" || o.UpperDue.IsZero() || !o.UpperDue.Before(due.At) {
		return due
	}
	return Deadline{At: o.UpperDue, Rule: rule}
}

// LateForUpper says whether the higher office's deadline passed before the order was done.
func (o Order) LateForUpper(now time.Time) bool {
	o.Due.At = o.UpperDue
	return o.Overdue(now)
}

// attach writes the voicemail that came with the request.
func (u *unit) attach(in Intake, order Order) error {
	if in.Voicemail == nil {
		return nil
	}
	v := *in.Voicemail
	if v.ID == "" {
		v.ID = u.id()
	}
	if v.At.IsZero() {
		v.At = u.now
	}
	if v.CallID == "" {
		v.CallID = in.CallID
	}
	v.Order, v.Phone, v.Urgent = order.Number, order.Phone, order.Urgent
	if err := u.InsertVoicemail(v); err != nil {
		return fmt.Errorf("insert voicemail %s: %w", v.ID, err)
	}
	u.tell(NoticeVoicemail, v.ID)
	return u.event(Event{Number: order.Number, Actor: "citizen", Kind: OnVoicemail, Rule: "ZZ-20.2",
		Text: fmt.Sprintf("留言 %.0f 秒", v.Duration.Seconds())})
}

// announce writes the texts that a new order causes.
func (u *unit) announce(in Intake, order Order) error {
	if order.Urgent {
		if err := u.event(Event{Number: order.Number, Actor: in.Actor, Kind: OnUrgent, Rule: "ZZ-20.3", Text: "标记为紧急"}); err != nil {
			return err
		}
		if err := u.slip(order, Urgency{Actor: in.Actor}); err != nil {
			return err
		}
	}
	template := u.office.policy.Texts.Duty
	if in.Voicemail != nil {
		template = u.office.policy.Texts.Voicemail
	}
	if order.Urgent {
		template = u.office.policy.Texts.Urgent
	}
	if err := u.textDuty("new", order, template, in.NotifyDuty); err != nil {
		return err
	}
	if !in.ReceiptText {
		return nil
	}
	return u.textCitizen(order, sms.Message{Key: "receipt:" + order.Number, Kind: sms.KindReceipt, Priority: 1},
		u.office.policy.in(order.Language).Receipt)
}

// knownNumber normalises a number; what is none (anonymous callers) is kept as empty.
func knownNumber(phone string) string {
	n, err := sms.Normalize(phone)
	if err != nil {
		return ""
	}
	return n
}

// cut trims s and shortens it to at most n runes.
func cut(s string, n int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
