package console

import (
	"context"
	"net/http"
	"time"

	"hotline/dispatch"
)

// The bodies of the commands. Their fields are called as refusals name them.
type (
	answerBody struct {
		seen
		Result string `json:"result"`
		Source string `json:"source"`
	}
	wordsBody struct {
		seen
		Words string `json:"words"`
	}
	reasonBody struct {
		seen
		Reason string `json:"reason"`
	}
	ownBody struct {
		seen
		Owner string `json:"owner"`
	}
	transferBody struct {
		seen
		To     string `json:"to"`
		Number string `json:"number"`
	}
	rejectBody struct {
		seen
		Code     string `json:"code"`
		Told     string `json:"told"`
		ReferTo  string `json:"refer_to"`
		Phone    string `json:"phone"`
		Ref      string `json:"ref"`
		Asked    bool   `json:"asked"`
		Evidence string `json:"evidence"`
	}
	classifyBody struct {
		seen
		Enterprise bool   `json:"enterprise"`
		Source     string `json:"source"`
		Category   string `json:"category"`
		Points     int    `json:"points"`
	}
	giveBody struct {
		seen
		Lead        string    `json:"lead"`
		Assist      []string  `json:"assist"`
		Words       string    `json:"words"`
		Way         string    `json:"way"`
		Promised    time.Time `json:"promised_at"`
		Leader      string    `json:"leader"`
		Coordinated bool      `json:"coordinated"`
		Interested  []string  `json:"interested"`
		Disclose    bool      `json:"disclose"`
		Opinion     string    `json:"opinion"`
	}
	contactBody struct {
		seen
		How      string `json:"how"`
		Evidence string `json:"evidence"`
		Words    string `json:"words"`
		Due      bool   `json:"told_due"`
		Extended bool   `json:"told_extension"`
	}
	returnBody struct {
		seen
		Reason     string `json:"reason"`
		Basis      string `json:"basis"`
		Suggestion string `json:"suggestion"`
		Evidence   string `json:"evidence"`
		NotAccept  bool   `json:"not_accept"`
	}
	refuseBody struct {
		seen
		Code    string `json:"code"`
		Opinion string `json:"opinion"`
	}
	extendBody struct {
		seen
		Code   string    `json:"code"`
		Reason string    `json:"reason"`
		Form   string    `json:"form"`
		Signed bool      `json:"signed"`
		Told   []string  `json:"told"`
		Until  time.Time `json:"until"`
	}
	untilBody struct {
		seen
		Until   time.Time `json:"until"`
		Opinion string    `json:"opinion"`
	}
	submitBody struct {
		seen
		dispatch.Submission
	}
	passBody struct {
		seen
		Opinion string   `json:"opinion"`
		Checks  []string `json:"checks"`
	}
	yesBody struct {
		seen
		Yes bool `json:"yes"`
	}
	mergeBody struct {
		seen
		Parent string `json:"parent"`
	}
	superviseBody struct {
		seen
		dispatch.Supervision
	}
	preserveBody struct {
		seen
		dispatch.Preserving
	}
	visitBody struct {
		seen
		Who   string    `json:"who"`
		Where string    `json:"where"`
		At    time.Time `json:"at"`
	}
	opinionBody struct {
		seen
		Words string `json:"words"`
		File  string `json:"file"`
	}
	consentBody struct {
		seen
		Unit     string `json:"unit"`
		Given    bool   `json:"given"`
		Evidence string `json:"evidence"`
	}
	formBody struct {
		seen
		Name        string `json:"name"`
		Nameless    bool   `json:"nameless"`
		Summary     string `json:"summary"`
		Disposition string `json:"disposition"`
	}
	askBody struct {
		seen
		Kind   dispatch.ReviewKind `json:"kind"`
		Level  string              `json:"level"`
		Reason string              `json:"reason"`
	}
	decideBody struct {
		seen
		Kind    dispatch.ReviewKind `json:"kind"`
		Approve bool                `json:"approve"`
		Opinion string              `json:"opinion"`
		Lead    string              `json:"lead"`
		Until   time.Time           `json:"until"`
	}
	tierBody struct {
		seen
		Tier int `json:"tier"`
	}
	approveBody struct {
		seen
		Level   dispatch.ReviewKind `json:"level"`
		Approve bool                `json:"approve"`
		Opinion string              `json:"opinion"`
	}
)

type (
	ctxt  = context.Context
	order = dispatch.Order
	by    = dispatch.By
	serve = func(*Console, http.ResponseWriter, request) error
)

// commands are the commands of an order's life by the last part of their address.
var commands = map[string]serve{
	"answer": command(func(ctx ctxt, o Life, n string, by by, in answerBody) (order, error) {
		return o.AnswerOnTheSpot(ctx, n, by, dispatch.Spot{Result: in.Result, Source: in.Source})
	}),
	"own": command(func(ctx ctxt, o Life, n string, by by, in ownBody) (order, error) { return o.Own(ctx, n, by, in.Owner) }),
	"transfer": command(func(ctx ctxt, o Life, n string, by by, in transferBody) (order, error) {
		return o.Transfer(ctx, n, by, dispatch.Handover{To: in.To, Number: in.Number})
	}),
	"reject": command(func(ctx ctxt, o Life, n string, by by, in rejectBody) (order, error) {
		return o.Reject(ctx, n, by, dispatch.Rejection{Code: in.Code, Told: in.Told, ReferTo: in.ReferTo, Phone: in.Phone, Ref: in.Ref, Asked: in.Asked, Evidence: in.Evidence})
	}),
	"reopen": command(func(ctx ctxt, o Life, n string, by by, in reasonBody) (order, error) {
		return o.Reopen(ctx, n, by, in.Reason)
	}),
	"classify": command(func(ctx ctxt, o Life, n string, by by, in classifyBody) (order, error) {
		return o.Classify(ctx, n, by, dispatch.Facts{Enterprise: in.Enterprise, Source: in.Source, Category: in.Category, Points: in.Points})
	}),
	"dispatch": command(func(ctx ctxt, o Life, n string, by by, in giveBody) (order, error) {
		return o.Dispatch(ctx, n, by, in.giving())
	}),
	"sign": command(func(ctx ctxt, o Life, n string, by by, in seen) (order, error) { return o.Sign(ctx, n, by) }),
	"start": command(func(ctx ctxt, o Life, n string, by by, in wordsBody) (order, error) {
		return o.Start(ctx, n, by, in.Words)
	}),
	"contact": command(func(ctx ctxt, o Life, n string, by by, in contactBody) (order, error) {
		return o.Contacted(ctx, n, by, dispatch.Contact{How: in.How, Evidence: in.Evidence, Words: in.Words, Due: in.Due, Extended: in.Extended})
	}),
	"no-reply": command(func(ctx ctxt, o Life, n string, by by, in reasonBody) (order, error) {
		return o.ContactNone(ctx, n, by, in.Reason)
	}),
	"return": command(func(ctx ctxt, o Life, n string, by by, in returnBody) (order, error) {
		return o.AskReturn(ctx, n, by, dispatch.ReturnAsked{Reason: in.Reason, Basis: in.Basis, Suggestion: in.Suggestion, Evidence: in.Evidence, NotAccept: in.NotAccept})
	}),
	"return/allow": command(func(ctx ctxt, o Life, n string, by by, in giveBody) (order, error) {
		return o.AllowReturn(ctx, n, by, dispatch.Returned{To: in.giving(), Opinion: in.Opinion})
	}),
	"return/refuse": command(func(ctx ctxt, o Life, n string, by by, in refuseBody) (order, error) {
		return o.RefuseReturn(ctx, n, by, in.refused())
	}),
	"extension": command(func(ctx ctxt, o Life, n string, by by, in extendBody) (order, error) {
		return o.AskExtension(ctx, n, by, dispatch.ExtensionAsked{Code: in.Code, Reason: in.Reason, Form: in.Form, Signed: in.Signed, Told: in.Told, Until: in.Until})
	}),
	"extension/allow": command(func(ctx ctxt, o Life, n string, by by, in untilBody) (order, error) {
		return o.AllowExtension(ctx, n, by, dispatch.Extended{Until: in.Until, Opinion: in.Opinion})
	}),
	"extension/refuse": command(func(ctx ctxt, o Life, n string, by by, in refuseBody) (order, error) {
		return o.RefuseExtension(ctx, n, by, in.refused())
	}),
	"submit": command(func(ctx ctxt, o Life, n string, by by, in submitBody) (order, error) {
		return o.Submit(ctx, n, by, in.Submission)
	}),
	"pass": command(func(ctx ctxt, o Life, n string, by by, in passBody) (order, error) {
		return o.ReviewPass(ctx, n, by, dispatch.Pass{Opinion: in.Opinion, Checks: in.Checks})
	}),
	"send-back": command(func(ctx ctxt, o Life, n string, by by, in refuseBody) (order, error) {
		return o.ReviewRefuse(ctx, n, by, in.refused())
	}),
	"file": command(func(ctx ctxt, o Life, n string, by by, in wordsBody) (order, error) {
		return o.File(ctx, n, by, in.Words)
	}),
	"understood": command(func(ctx ctxt, o Life, n string, by by, in yesBody) (order, error) {
		return o.Understood(ctx, n, by, in.Yes)
	}),
	"withdraw": command(func(ctx ctxt, o Life, n string, by by, in reasonBody) (order, error) {
		return o.Withdraw(ctx, n, by, in.Reason)
	}),
	"merge": command(func(ctx ctxt, o Life, n string, by by, in mergeBody) (order, error) {
		return o.Merge(ctx, n, by, in.Parent)
	}),
	"urge": command(func(ctx ctxt, o Life, n string, by by, in wordsBody) (order, error) {
		return o.Urge(ctx, n, by, in.Words)
	}),
	"visit": command(func(ctx ctxt, o Life, n string, by by, in visitBody) (order, error) {
		return o.SendVisit(ctx, n, by, dispatch.Visit{Who: in.Who, Where: in.Where, At: in.At})
	}),
	"visit/arrived": command(func(ctx ctxt, o Life, n string, by by, in wordsBody) (order, error) {
		return o.Arrived(ctx, n, by, in.Words)
	}),
	"supervise": command(func(ctx ctxt, o Life, n string, by by, in superviseBody) (order, error) {
		return o.Supervise(ctx, n, by, in.Supervision)
	}),
	"preserve": command(func(ctx ctxt, o Life, n string, by by, in preserveBody) (order, error) {
		return o.Preserve(ctx, n, by, in.Preserving)
	}),
	"opinion": command(func(ctx ctxt, o Life, n string, by by, in reasonBody) (order, error) {
		return o.AskOpinion(ctx, n, by, in.Reason)
	}),
	"opinion/give": command(func(ctx ctxt, o Life, n string, by by, in opinionBody) (order, error) {
		return o.GiveOpinion(ctx, n, by, dispatch.WrittenOpinion{Words: in.Words, File: in.File})
	}),
	"attach": command(func(ctx ctxt, o Life, n string, by by, in attachBody) (order, error) {
		p, err := in.paper()
		if err != nil {
			return order{}, err
		}
		return o.Attach(ctx, n, by, p)
	}),
	"consent": command(func(ctx ctxt, o Life, n string, by by, in consentBody) (order, error) {
		return o.Consent(ctx, n, by, dispatch.Consent{Unit: in.Unit, Given: in.Given, Evidence: in.Evidence})
	}),
	"form": command(func(ctx ctxt, o Life, n string, by by, in formBody) (order, error) {
		return o.WriteDown(ctx, n, by, dispatch.Form{Name: in.Name, Nameless: in.Nameless, Summary: in.Summary, Disposition: in.Disposition})
	}),
	"ask": command(func(ctx ctxt, o Life, n string, by by, in askBody) (order, error) {
		return o.Ask(ctx, n, by, dispatch.Putting{Kind: in.Kind, Level: in.Level, Reason: in.Reason})
	}),
	"ask/decide": command(func(ctx ctxt, o Life, n string, by by, in decideBody) (order, error) {
		return o.Decide(ctx, n, by, dispatch.Decided{Kind: in.Kind, Approve: in.Approve, Opinion: in.Opinion, Lead: in.Lead, Until: in.Until})
	}),
	"reply": reply(),
	"tier": command(func(ctx ctxt, o Life, n string, by by, in tierBody) (order, error) {
		return o.SetTier(ctx, n, by, in.Tier)
	}),
	"approve": command(func(ctx ctxt, o Life, n string, by by, in approveBody) (order, error) {
		return o.Approve(ctx, n, by, dispatch.Approval{Level: in.Level, Approve: in.Approve, Opinion: in.Opinion})
	}),
}
