package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hotline/dispatch"
)

// seen is the version of the order that the requester saw; 0 does not check.
type seen struct {
	Version int `json:"version"`
}

func (s seen) version() int { return s.Version }

func (seen) most() int64 { return maxBody }

// asked is what every command of an order's life carries, in a body of at most so many bytes.
type asked interface {
	version() int
	most() int64
}

// command serves one command: its body, the version the requester saw (in the body or as
// If-Match), and the key that makes it one however often it is sent (Idempotency-Key).
func command[T asked](do func(ctx context.Context, o Life, number string, by dispatch.By, in T) (dispatch.Order, error)) func(*Console, http.ResponseWriter, request) error {
	return func(c *Console, w http.ResponseWriter, r request) error {
		var in T
		if in.most() > maxBody {
			select {
			case c.large <- struct{}{}:
				defer func() { <-c.large }()
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
		if err := receiveUpTo(w, r, &in, in.most()); err != nil {
			return err
		}
		version := in.version()
		if match := r.Header.Get("If-Match"); match != "" {
			v, err := strconv.Atoi(strings.Trim(match, `"`))
			if err != nil || version != 0 && version != v {
				return problem{Status: http.StatusBadRequest, Detail: "If-Match 与 version 有误", Field: "version"}
			}
			version = v
		}
		o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
		if err != nil {
			return err
		}
		by := r.by()
		by.Version, by.Key = version, r.Header.Get("Idempotency-Key")
		if len(by.Key) > maxKey {
			return problem{Status: http.StatusBadRequest, Detail: "Idempotency-Key 过长", Field: "key"}
		}
		if o, err = do(r.Context(), c.cfg.Office, o.Number, by, in); err != nil {
			return err
		}
		return c.sendOrder(w, r, o)
	}
}

// maxKey is how long a key is at most, in bytes.
const maxKey = 128

// orderRoles are what accounts are to orders; who has several roles is the first of them.
var orderRoles = []struct {
	account Role
	order   dispatch.Role
}{{HotlineAdmin, dispatch.ByOffice}, {Leader, dispatch.ByLeader}, {DutyLeader, dispatch.ByDuty}, {Supervisor, dispatch.ByLeader},
	{UnitHead, dispatch.ByHead}, {UnitHandler, dispatch.ByUnit}, {DutyOfficer, dispatch.ByAgent}, {Agent, dispatch.ByAgent}}

// by is who the requester is to orders.
func (r request) by() dispatch.By {
	for _, known := range orderRoles {
		if !slices.Contains(r.who.Account.Roles, known.account) {
			continue
		}
		by := dispatch.By{Actor: r.actor(), Role: known.order}
		if known.account.ofUnit() {
			by.Unit = r.who.Account.Unit
		}
		return by
	}
	return dispatch.By{Actor: r.actor()}
}

// Life is what people do to an order between its registration and its end; *dispatch.Office
// does it.
type Life interface {
	Front
	Units
	Reviewers
	Ending
	Publishing
}

// Front is what the hotline itself does.
type Front interface {
	AnswerOnTheSpot(ctx context.Context, number string, by dispatch.By, a dispatch.Spot) (dispatch.Order, error)
	Identify(ctx context.Context, number string, by dispatch.By, p dispatch.Person) (dispatch.Order, error)
	Identity(ctx context.Context, number, actor, reason string) (dispatch.Person, error)
	Own(ctx context.Context, number string, by dispatch.By, owner string) (dispatch.Order, error)
	Transfer(ctx context.Context, number string, by dispatch.By, h dispatch.Handover) (dispatch.Order, error)
	Reject(ctx context.Context, number string, by dispatch.By, r dispatch.Rejection) (dispatch.Order, error)
	Reopen(ctx context.Context, number string, by dispatch.By, reason string) (dispatch.Order, error)
	Classify(ctx context.Context, number string, by dispatch.By, f dispatch.Facts) (dispatch.Order, error)
	Dispatch(ctx context.Context, number string, by dispatch.By, g dispatch.Giving) (dispatch.Order, error)
	WriteDown(ctx context.Context, number string, by dispatch.By, f dispatch.Form) (dispatch.Order, error)
	Consent(ctx context.Context, number string, by dispatch.By, c dispatch.Consent) (dispatch.Order, error)
	SetTier(ctx context.Context, number string, by dispatch.By, tier int) (dispatch.Order, error)
}

// Units is what units do.
type Units interface {
	Sign(ctx context.Context, number string, by dispatch.By) (dispatch.Order, error)
	Start(ctx context.Context, number string, by dispatch.By, words string) (dispatch.Order, error)
	Contacted(ctx context.Context, number string, by dispatch.By, c dispatch.Contact) (dispatch.Order, error)
	ContactNone(ctx context.Context, number string, by dispatch.By, reason string) (dispatch.Order, error)
	AskReturn(ctx context.Context, number string, by dispatch.By, r dispatch.ReturnAsked) (dispatch.Order, error)
	AskExtension(ctx context.Context, number string, by dispatch.By, e dispatch.ExtensionAsked) (dispatch.Order, error)
	SendVisit(ctx context.Context, number string, by dispatch.By, v dispatch.Visit) (dispatch.Order, error)
	Arrived(ctx context.Context, number string, by dispatch.By, words string) (dispatch.Order, error)
	Submit(ctx context.Context, number string, by dispatch.By, s dispatch.Submission) (dispatch.Order, error)
	File(ctx context.Context, number string, by dispatch.By, words string) (dispatch.Order, error)
}

// Reviewers is what those do who decide.
type Reviewers interface {
	AllowReturn(ctx context.Context, number string, by dispatch.By, r dispatch.Returned) (dispatch.Order, error)
	RefuseReturn(ctx context.Context, number string, by dispatch.By, r dispatch.Refused) (dispatch.Order, error)
	AllowExtension(ctx context.Context, number string, by dispatch.By, e dispatch.Extended) (dispatch.Order, error)
	RefuseExtension(ctx context.Context, number string, by dispatch.By, r dispatch.Refused) (dispatch.Order, error)
	ReviewPass(ctx context.Context, number string, by dispatch.By, p dispatch.Pass) (dispatch.Order, error)
	ReviewRefuse(ctx context.Context, number string, by dispatch.By, r dispatch.Refused) (dispatch.Order, error)
	Understood(ctx context.Context, number string, by dispatch.By, yes bool) (dispatch.Order, error)
	Approve(ctx context.Context, number string, by dispatch.By, a dispatch.Approval) (dispatch.Order, error)
}

// Ending is what ends an order early, and what is said about it from above.
type Ending interface {
	Withdraw(ctx context.Context, number string, by dispatch.By, reason string) (dispatch.Order, error)
	Merge(ctx context.Context, number string, by dispatch.By, parent string) (dispatch.Order, error)
	Urge(ctx context.Context, number string, by dispatch.By, words string) (dispatch.Order, error)
	Supervise(ctx context.Context, number string, by dispatch.By, s dispatch.Supervision) (dispatch.Order, error)
	Preserve(ctx context.Context, number string, by dispatch.By, p dispatch.Preserving) (dispatch.Order, error)
	AskOpinion(ctx context.Context, number string, by dispatch.By, reason string) (dispatch.Order, error)
	Attach(ctx context.Context, number string, by dispatch.By, p dispatch.Paper) (dispatch.Order, error)
	Ask(ctx context.Context, number string, by dispatch.By, q dispatch.Putting) (dispatch.Order, error)
	Decide(ctx context.Context, number string, by dispatch.By, d dispatch.Decided) (dispatch.Order, error)
	GiveOpinion(ctx context.Context, number string, by dispatch.By, w dispatch.WrittenOpinion) (dispatch.Order, error)
}

// LifeRecord reads what orders' lives are made of.
type LifeRecord interface {
	Work(ctx context.Context, f dispatch.WorkFilter) ([]dispatch.Order, error)
	Assignments(ctx context.Context, f dispatch.AssignmentFilter) ([]dispatch.Assignment, error)
	Acts(ctx context.Context, f dispatch.ActFilter) ([]dispatch.Act, error)
	Links(ctx context.Context, order string) ([]dispatch.Link, error)
	Attachments(ctx context.Context, order string) ([]dispatch.Attachment, error)
	AttachmentBytes(ctx context.Context, id string) ([]byte, error)
}

func (b giveBody) giving() dispatch.Giving {
	return dispatch.Giving{Lead: b.Lead, Assist: b.Assist, Words: b.Words, Way: b.Way, Promised: b.Promised, Leader: b.Leader, Coordinated: b.Coordinated,
		Interested: b.Interested, Disclose: b.Disclose}
}

func (b refuseBody) refused() dispatch.Refused {
	return dispatch.Refused{Code: b.Code, Opinion: b.Opinion}
}
