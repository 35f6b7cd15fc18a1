package console

import (
	"context"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// The views are the API's shapes. Each is made from a record by one function, so that
// masking has one place per kind of thing. Times that have not come are null.

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type orderView struct {
	Number       string     `json:"number"`
	Digits       string     `json:"digits"`
	Type         string     `json:"type"`
	TypeText     string     `json:"type_text"`
	Channel      string     `json:"channel"`
	State        string     `json:"state"`
	Phone        string     `json:"phone"` // masked; "(保密)" for a confidential order
	Name         string     `json:"name"`
	Summary      string     `json:"summary"`
	Result       string     `json:"result"`
	Urgent       bool       `json:"urgent"`
	Confidential bool       `json:"confidential"`
	Anonymous    bool       `json:"anonymous"` // a report whose informant gave no name (Q27)
	Call         string     `json:"call"`
	Due          *time.Time `json:"due"`
	DueText      string     `json:"due_text"`
	DueRule      string     `json:"due_rule"`
	Provisional  bool       `json:"due_provisional"`
	Overdue      bool       `json:"overdue"`
	Outcome      string     `json:"outcome"`
	Rating       int        `json:"rating"`
	Redos        int        `json:"redos"`     // how often it was sent back (ZQ-15.7)
	Exception    string     `json:"exception"` // why it was not, if it was not: ZQ-16.1 ...
	lifeView
	Created   *time.Time `json:"created_at"`
	Completed *time.Time `json:"completed_at"`
	Archived  *time.Time `json:"archived_at"`
	Version   int        `json:"version"`
	PIN       string     `json:"pin,omitempty"` // only in the answer to its creation, to be told to the requester
}

// orderView shows an order as the requester may see it.
func (c *Console) orderView(r request, o dispatch.Order) orderView {
	secret := o.Confidential
	o = c.asShown(r, o)
	name, call := o.Name, o.CallID
	if o.Confidential {
		name, call = hiddenWord, ""
	}
	return orderView{
		Number: o.Number, Digits: o.Digits, Type: string(o.Type), TypeText: dispatch.TypeWords[o.Type],
		Channel: string(o.Channel), State: string(o.State), Phone: phone(o.Phone, o.Confidential), Name: name,
		Summary: conceal(o.Summary, o), Result: conceal(o.Result, o),
		Urgent: o.Urgent, Confidential: secret || o.Confidential, Anonymous: o.Anonymous(), Call: call,
		Due: moment(o.Due.At), DueText: o.Due.Words(), DueRule: o.Due.Rule, Provisional: o.Due.Provisional,
		Overdue: o.Overdue(c.cfg.Now()), Outcome: string(o.Outcome), Rating: o.Rating, Redos: o.Redos, Exception: o.Exception, lifeView: c.viewLife(o),
		Created: moment(o.CreatedAt), Completed: moment(o.CompletedAt), Archived: moment(o.ArchivedAt), Version: o.Version,
	}
}

type eventView struct {
	Seq   int        `json:"seq"`
	At    *time.Time `json:"at"`
	Actor string     `json:"actor"`
	Kind  string     `json:"kind"`
	Rule  string     `json:"rule"`
	Text  string     `json:"text"`
}

func viewEvent(e dispatch.Event, o dispatch.Order) eventView {
	return eventView{Seq: e.Seq, At: moment(e.At), Actor: conceal(e.Actor, o), Kind: e.Kind, Rule: e.Rule, Text: conceal(e.Text, o)}
}

type callView struct {
	ID        string     `json:"id"`
	From      string     `json:"from"` // masked
	To        string     `json:"to"`
	Class     string     `json:"class"`
	ClassText string     `json:"class_text"`
	Outcome   string     `json:"outcome"`
	Detail    string     `json:"detail"`
	Order     string     `json:"order"`
	Emergency bool       `json:"emergency"`
	Missed    bool       `json:"missed"`
	Started   *time.Time `json:"started_at"`
	Answered  *time.Time `json:"answered_at"`
	Ended     *time.Time `json:"ended_at"`
	Hangup    string     `json:"hangup"`
	Steps     []stepView `json:"steps,omitempty"` // of a single call only
}

type stepView struct {
	At   *time.Time `json:"at"`
	What string     `json:"what"`
	Text string     `json:"text"`
}

func viewCall(call dispatch.Call, o dispatch.Order) callView {
	return callView{
		ID: call.ID, From: phone(call.From, o.Confidential), To: call.To, Class: string(call.Class), ClassText: dispatch.TypeWords[call.Class],
		Outcome: call.Outcome, Detail: conceal(call.Detail, o), Order: call.Order, Emergency: call.Emergency, Missed: call.Missed,
		Started: moment(call.StartedAt), Answered: moment(call.AnsweredAt), Ended: moment(call.EndedAt), Hangup: call.Hangup,
	}
}

type voicemailView struct {
	ID      string     `json:"id"`
	Call    string     `json:"call"`
	Order   string     `json:"order"`
	Phone   string     `json:"phone"`
	Seconds float64    `json:"seconds"`
	Urgent  bool       `json:"urgent"`
	Reason  string     `json:"reason"`
	At      *time.Time `json:"at"`
	Heard   *time.Time `json:"heard_at"`
	HeardBy string     `json:"heard_by"`
}

func viewVoicemail(v dispatch.Voicemail, o dispatch.Order) voicemailView {
	return voicemailView{ID: v.ID, Call: v.CallID, Order: v.Order, Phone: phone(v.Phone, o.Confidential), Seconds: v.Duration.Seconds(),
		Urgent: v.Urgent, Reason: conceal(v.Reason, o), At: moment(v.At), Heard: moment(v.HeardAt), HeardBy: v.HeardBy}
}

type messageView struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Ref      string     `json:"ref"`
	To       string     `json:"to"`
	Text     string     `json:"text"`
	Status   string     `json:"status"`
	Attempts int        `json:"attempts"`
	Segments int        `json:"segments"`
	Link     string     `json:"link"`
	Raw      string     `json:"carrier_code"`
	Twice    bool       `json:"maybe_twice"`
	Created  *time.Time `json:"created_at"`
	Sent     *time.Time `json:"sent_at"`
	Done     *time.Time `json:"done_at"`
}

func viewMessage(m sms.Message, receiver bool, matter dispatch.Order) messageView {
	return messageView{ID: m.ID, Kind: string(m.Kind), Ref: m.Ref, To: phone(m.To, receiver), Text: words(m.Text, receiver, matter),
		Status: string(m.Status), Attempts: m.Attempts, Segments: m.Segments, Link: m.Link, Raw: m.Raw, Twice: m.MaybeTwice,
		Created: moment(m.CreatedAt), Sent: moment(m.SentAt), Done: moment(m.DoneAt)}
}

type inboundView struct {
	ID       string     `json:"id"`
	From     string     `json:"from"`
	Text     string     `json:"text"`
	Slot     string     `json:"slot"`
	Link     string     `json:"link"`
	Sent     *time.Time `json:"sent_at"`
	Received *time.Time `json:"received_at"`
	As       string     `json:"handled_as"` // empty until handled
}

func viewInbound(in sms.Inbound, o dispatch.Order) inboundView {
	return inboundView{ID: in.ID, From: phone(in.From, o.Confidential), Text: words(dispatch.WithoutCode(in.Text), o.Confidential, o), Slot: in.Ext, Link: in.Link,
		Sent: moment(in.EventAt), Received: moment(in.ReceivedAt), As: in.HandledAs}
}

type surveyView struct {
	ID       string     `json:"id"`
	Order    string     `json:"order"`
	Attempt  int        `json:"attempt"`
	Phone    string     `json:"phone"`
	Outcome  string     `json:"outcome"` // empty while pending
	Rating   int        `json:"rating"`
	Original int        `json:"original_rating"` // as it was given, where it was corrected (ZQ-15.6)
	Invalid  int        `json:"invalid_attempts"`
	Created  *time.Time `json:"created_at"`
	Opened   *time.Time `json:"opened_at"` // null until the text was delivered
	Deadline *time.Time `json:"deadline"`  // that second still counts (ZQ-15.2)
	Settled  *time.Time `json:"settled_at"`
}

func viewSurvey(s dispatch.Survey, o dispatch.Order) surveyView {
	return surveyView{ID: s.ID, Order: s.Order, Attempt: s.Attempt, Phone: phone(s.Phone, o.Confidential), Outcome: string(s.Outcome),
		Rating: s.Rating, Original: s.Original, Invalid: s.Invalid, Created: moment(s.CreatedAt), Opened: moment(s.OpenedAt),
		Deadline: moment(s.Deadline), Settled: moment(s.SettledAt)}
}

// hiding makes a view of a thing that belongs to an order.
func hiding[R, V any](ctx context.Context, h *hider, order func(R) string, view func(R, dispatch.Order) V) func(R) V {
	return func(r R) V { return view(r, h.order(ctx, order(r))) }
}
