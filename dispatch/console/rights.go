package console

import "net/http"

// Who may do things together.
var (
	anybody  = Roles
	counter  = []Role{Agent, DutyOfficer}                                                               // who speaks with citizens
	desks    = []Role{Agent, DutyOfficer, DutyLeader}                                                   // the hotline's own
	readers  = []Role{Agent, DutyOfficer, DutyLeader, UnitHandler, UnitHead, Upper, Leader, Supervisor} // of orders
	handlers = []Role{Agent, DutyOfficer, UnitHandler, UnitHead}
	office   = []Role{} // hotline_admin alone, who may use every route
)

// rights says which roles may use a route, beside hotline_admin, who may use all. A route
// without a line is nobody else's. unit_handler and unit_head get the orders of their own
// unit alone, whatever stands here (ZQ-24).
var rights = map[string][]Role{
	"POST /api/v1/logout":    anybody,
	"GET /api/v1/session":    anybody,
	"GET /api/v1/status":     anybody,
	"GET /api/v1/events":     anybody,
	"GET /api/v1/calls":      {Agent, DutyOfficer, DutyLeader, Supervisor},
	"GET /api/v1/calls/{id}": {Agent, DutyOfficer, DutyLeader, Supervisor},

	"POST /api/v1/calls/{id}/steer": counter,
	"GET /api/v1/targets":           counter,

	"GET /api/v1/orders":                    readers,
	"POST /api/v1/orders":                   handlers, // a unit's own calls too (ZZ-14.1)
	"POST /api/v1/orders/search":            counter,
	"GET /api/v1/orders/{number}":           readers,
	"GET /api/v1/orders/{number}/events":    readers,
	"POST /api/v1/orders/{number}/complete": counter, // a unit's answer is submitted, and reviewed (ZQ-14.1)
	"POST /api/v1/orders/{number}/type":     counter,
	"POST /api/v1/orders/{number}/note":     {Agent, DutyOfficer, DutyLeader, UnitHandler, UnitHead, Supervisor},
	"POST /api/v1/orders/{number}/urgent":   desks,
	"POST /api/v1/orders/{number}/major":    desks,
	"POST /api/v1/orders/{number}/phone":    handlers,

	"POST /api/v1/orders/{number}/answer":           desks,
	"POST /api/v1/orders/{number}/own":              desks,
	"POST /api/v1/orders/{number}/transfer":         desks,
	"POST /api/v1/orders/{number}/reject":           desks,
	"POST /api/v1/orders/{number}/reopen":           desks,
	"POST /api/v1/orders/{number}/classify":         desks,
	"POST /api/v1/orders/{number}/dispatch":         desks,
	"POST /api/v1/orders/{number}/merge":            desks,
	"POST /api/v1/orders/{number}/understood":       counter,
	"POST /api/v1/orders/{number}/withdraw":         counter,
	"POST /api/v1/orders/{number}/contact":          handlers,
	"POST /api/v1/orders/{number}/no-reply":         handlers,
	"POST /api/v1/orders/{number}/file":             handlers,
	"POST /api/v1/orders/{number}/sign":             {UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/start":            {UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/return":           {UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/extension":        {UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/submit":           {UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/return/allow":     {DutyLeader},
	"POST /api/v1/orders/{number}/return/refuse":    {DutyLeader},
	"POST /api/v1/orders/{number}/extension/allow":  {DutyLeader},
	"POST /api/v1/orders/{number}/extension/refuse": {DutyLeader},
	"POST /api/v1/orders/{number}/pass":             {DutyLeader, Leader, UnitHead},
	"POST /api/v1/orders/{number}/send-back":        {DutyLeader, Leader, UnitHead},
	"POST /api/v1/orders/{number}/urge":             desks,
	"POST /api/v1/orders/{number}/visit":            handlers,
	"POST /api/v1/orders/{number}/visit/arrived":    handlers,
	"POST /api/v1/orders/{number}/supervise":        {DutyLeader, Leader, Supervisor},
	"POST /api/v1/orders/{number}/preserve":         {DutyLeader, Leader, Supervisor},
	"POST /api/v1/orders/{number}/consent":          desks,
	"POST /api/v1/orders/{number}/identity":         counter,
	"POST /api/v1/orders/{number}/identity/show":    {DutyLeader},
	"POST /api/v1/orders/{number}/form":             desks,
	"POST /api/v1/orders/{number}/ask":              desks,
	"POST /api/v1/orders/{number}/ask/decide":       {DutyLeader, Leader},
	"POST /api/v1/orders/{number}/tier":             {DutyLeader, Leader},
	"POST /api/v1/orders/{number}/approve":          {Leader},
	"POST /api/v1/orders/{number}/opinion":          {Agent, DutyOfficer, DutyLeader, UnitHead},
	"POST /api/v1/orders/{number}/opinion/give":     {DutyLeader, Leader, UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/reply":            {Agent, DutyOfficer, DutyLeader, Leader, UnitHandler, UnitHead},
	"POST /api/v1/orders/{number}/attach":           {Agent, DutyOfficer, DutyLeader, Leader, UnitHandler, UnitHead},
	"GET /api/v1/orders/{number}/attachments":       readers,
	"GET /api/v1/orders/{number}/attachments/{id}":  readers,
	"GET /api/v1/orders/{number}/assignments":       readers,
	"GET /api/v1/orders/{number}/links":             readers,
	"GET /api/v1/orders/{number}/slip":              desks,
	"GET /api/v1/orders/{number}/explain":           readers,
	"POST /api/v1/orders/suggest":                   counter,
	"GET /api/v1/orders/{number}/suggestions":       desks,
	"GET /api/v1/choices":                           readers,
	"GET /api/v1/knowledge":                         desks,
	"POST /api/v1/knowledge/{id}/push":              office,
	"GET /api/v1/handovers":                         {DutyOfficer, DutyLeader},
	"POST /api/v1/handovers":                        {DutyOfficer, DutyLeader},
	"GET /api/v1/work":                              readers,
	"GET /api/v1/published":                         {Agent, DutyOfficer, DutyLeader, Upper, Leader, Supervisor}, // units see their own orders alone

	"POST /api/v1/export/orders/{number}": {DutyLeader, Leader, Supervisor},
	"GET /api/v1/evidence-key":            {DutyLeader, Leader, Supervisor},
	"POST /api/v1/export/orders":          {DutyLeader, Upper, Leader, Supervisor},
	"POST /api/v1/export/figures":         {DutyLeader, Upper, Leader, Supervisor},
	"POST /api/v1/export/volume":          {DutyLeader, Leader, Supervisor},
	"POST /api/v1/import":                 office,

	"GET /api/v1/voicemails":              desks,
	"GET /api/v1/voicemails/{id}":         desks,
	"POST /api/v1/voicemails/{id}/listen": desks,
	"GET /api/v1/voicemails/{id}/audio":   desks,
	"POST /api/v1/voicemails/{id}/heard":  desks,

	"GET /api/v1/messages":               counter,
	"POST /api/v1/messages":              office, // any words to any number
	"GET /api/v1/messages/{id}":          counter,
	"POST /api/v1/messages/{id}/replay":  office,
	"GET /api/v1/inbound":                counter,
	"GET /api/v1/inbound/{id}":           counter,
	"POST /api/v1/inbound/{id}/replay":   office,
	"GET /api/v1/talks/{id}":             counter,
	"POST /api/v1/talks/search":          counter,
	"GET /api/v1/links":                  {DutyOfficer, DutyLeader},
	"GET /api/v1/opt-outs":               counter,
	"POST /api/v1/opt-outs/{id}/lift":    office,
	"GET /api/v1/surveys":                {Agent, DutyLeader, Leader, Supervisor},
	"GET /api/v1/callbacks":              {Agent, DutyLeader, Supervisor},
	"POST /api/v1/callbacks/{id}/claim":  {Agent},
	"POST /api/v1/callbacks/{id}/phone":  {Agent},
	"POST /api/v1/callbacks/{id}/finish": {Agent},

	"GET /api/v1/exceptions":               {Agent, DutyLeader},
	"POST /api/v1/orders/{number}/reviews": {Agent},
	"GET /api/v1/reviews":                  {Agent, DutyLeader, Leader, Supervisor},
	"POST /api/v1/reviews/{id}/decide":     {DutyLeader, Leader},
	"GET /api/v1/acts":                     {DutyLeader, Leader, Supervisor},
	"POST /api/v1/acts/{id}/answer":        {DutyLeader, Leader, Supervisor},
	"GET /api/v1/satisfaction":             {DutyLeader, Leader, Supervisor, Upper},

	"GET /api/v1/caller-rules":            {Agent, DutyOfficer, DutyLeader, Supervisor},
	"POST /api/v1/caller-rules":           {DutyLeader},
	"POST /api/v1/caller-rules/{id}/lift": {DutyLeader},

	"GET /api/v1/desks":                  desks,
	"POST /api/v1/desks/{name}/sign-in":  {Agent},
	"POST /api/v1/desks/{name}/sign-out": {Agent},

	"GET /api/v1/switches":                office,
	"POST /api/v1/switches":               office,
	"POST /api/v1/switches/{name}/drain":  office,
	"POST /api/v1/switches/{name}/resume": office,
	"POST /api/v1/switches/{name}/remove": office,

	"GET /api/v1/calendar":         readers,
	"POST /api/v1/calendar":        office,
	"POST /api/v1/calendar/reload": office,

	"GET /api/v1/red":  desks,
	"POST /api/v1/red": {DutyLeader},

	"GET /api/v1/audit":        {Auditor},
	"GET /api/v1/audit/verify": {Auditor},
}

// name is what a route is called in rights.
func (rt route) name() string { return rt.method + " " + rt.path }

// refusal is what somebody hears who may not use a route. Whether there is a recording is
// not told to who may not hear it (ZZ-24).
func (rt route) refusal() problem {
	switch rt.path {
	case "/api/v1/voicemails/{id}/listen", "/api/v1/voicemails/{id}/audio":
		return problem{Status: http.StatusNotFound, Detail: "没有找到", Rule: "ZZ-24"}
	}
	return problem{Status: http.StatusForbidden, Detail: "您的角色无权进行此操作", Rule: "ZZ-4"}
}
