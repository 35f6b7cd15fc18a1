package httpapi

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"hotline/sms"
)

// API is how a carrier's HTTP interface is spoken. Values of requests are templates with
// slots in braces: {number} the receiver's digits and {e164} the same with + and country;
// {text} the text without its signature, {signature} that without 【】 or, of a text that has
// none, the account's Vars signature, {signed} both;
// {template} the approved template's id, {params} the values of its slots by name and
// {values} the same in order; {id} our id; {ext} the extension; {key}, {secret}; {time} in
// unix seconds; and whatever Config.Vars has. A value that is one slot alone and empty is
// left out.
type API struct {
	Sign  Sign   `yaml:"sign"`
	Probe string `yaml:"probe"` // path asked with GET; any answer below 500 is a sign of life; default /
	// Again is how long after a refused or lost callback the carrier may still come again
	// with it; default 10 min. Until then our silence proves nothing.
	Again time.Duration `yaml:"again"`
	Send  Send          `yaml:"send"`
	// Receipts and Texts read the callbacks; nil: the carrier has no such.
	Receipts *Reading `yaml:"receipts"`
	Texts    *Reading `yaml:"texts"`
	Answer   Answer   `yaml:"answer"`
	Pulls    []Pull   `yaml:"pulls"`
}

// Request is one request. Form or JSON is its body; with neither there is none.
type Request struct {
	Method  string            `yaml:"method"` // default POST
	Path    string            `yaml:"path"`   // default /; no slot of a text may stand in it, since paths are logged
	Headers map[string]string `yaml:"headers"`
	Form    map[string]string `yaml:"form"` // {params} and {values} are written as JSON
	JSON    map[string]any    `yaml:"json"`
}

// Verdict is where an answer says how it went: the first path that leads somewhere.
type Verdict struct {
	Code  []string `yaml:"code"` // empty: the HTTP status is all there is
	OK    []string `yaml:"ok"`   // codes of success
	Words []string `yaml:"words"`
}

// Send is the request that sends a text.
type Send struct {
	Request `yaml:",inline"`
	Verdict `yaml:",inline"`
	ID      []string `yaml:"id"` // paths to the carrier's id
	// Faults are what codes mean; one that ends in * stands for all that begin so, and the
	// longest counts. Other codes refuse the text for good.
	Faults map[string]sms.Fault `yaml:"faults"`
	// Status are what HTTP statuses mean where no code in Faults says more. Others: 429 is
	// too fast; 400, 413 and 422 refuse the text; other 3xx and 4xx refuse us, for now; with
	// a 5xx nobody knows.
	Status map[int]sms.Fault `yaml:"status"`
}

// Reading is how one thing of a list that the carrier brings is read. Paths are keys and,
// for lists, numbers, joined by dots.
type Reading struct {
	Items  string `yaml:"items"` // path to the list; empty: the whole, one or many
	ID     string `yaml:"id"`    // of the text a receipt speaks of, or of a citizen's text
	Number string `yaml:"number"`
	Time   When   `yaml:"time"`

	State State  `yaml:"state"` // receipts
	Code  string `yaml:"code"`  // receipts: the network's own word
	Mine  string `yaml:"mine"`  // receipts: path to our id, as {id} was sent

	To   string `yaml:"to"`  // texts: the number it was sent to
	Ext  string `yaml:"ext"` // texts: the extension alone; believed only where the account has some
	Text string `yaml:"text"`
}

// State is what a receipt says. Any other value is "still trying".
type State struct {
	Path        string   `yaml:"path"`
	Delivered   []string `yaml:"delivered"`
	Undelivered []string `yaml:"undelivered"`
}

// When is a time: layouts as Go has them, "unix" or "unixms", tried in order, on a clock
// that far from UTC. A layout without seconds is taken at the end of its minute.
type When struct {
	Path    string   `yaml:"path"`
	Layouts []string `yaml:"layouts"`
	Zone    string   `yaml:"zone"` // +08:00 by default
}

// Answer is what a callback gets, with status 200, once all of it is stored.
type Answer struct {
	Type string `yaml:"type"` // default application/json
	Body string `yaml:"body"`
}

// Pull asks the carrier for what it has. Receipts or Texts reads it.
type Pull struct {
	Request `yaml:",inline"`
	Verdict `yaml:",inline"`
	Every   time.Duration `yaml:"every"` // default 1 min
	// Limit is how many things an answer has at most; as many mean that there are more.
	// Zero: all come at once.
	Limit int `yaml:"limit"`
	// Each asks for one text at a time, with the slots {number}, {e164}, {id}, {carrier_id}
	// and {date} of its sending, first this long after it was sent without a receipt, and
	// then after twice as long; zero: for all at once.
	Each     time.Duration `yaml:"each"`
	Receipts *Reading      `yaml:"receipts"`
	Texts    *Reading      `yaml:"texts"`
}

//go:embed ready
var ready embed.FS

// Ready gives one of the descriptions that come with the program; see [ReadyNames].
func Ready(name string) (API, error) {
	src, err := ready.ReadFile(path.Join("ready", name+".yaml"))
	if err != nil || !slices.Contains(ReadyNames(), name) {
		return API{}, fmt.Errorf("no api %q: there are %s", name, strings.Join(ReadyNames(), ", "))
	}
	return Parse(src)
}

// ReadyNames lists the descriptions that come with the program.
func ReadyNames() []string { return []string{"aliyun", "plain", "tencent"} }

// Parse reads a description. Unknown fields are errors; slots and paths are checked when a
// link is made of it, since they depend on the account.
func Parse(src []byte) (API, error) {
	var a API
	if err := yaml.UnmarshalWithOptions(src, &a, yaml.Strict()); err != nil {
		return API{}, fmt.Errorf("http api: %w", err)
	}
	return a, nil
}

func (a *API) bringsReceipts(listens bool) bool {
	return listens && a.Receipts != nil || slices.ContainsFunc(a.Pulls, func(p Pull) bool { return p.Receipts != nil })
}

func (a *API) bringsTexts(listens bool) bool {
	return listens && a.Texts != nil || a.pullsTexts()
}

func (a *API) pullsTexts() bool {
	return slices.ContainsFunc(a.Pulls, func(p Pull) bool { return p.Texts != nil })
}

// The slots there are, beside the account's Vars.
var (
	accountSlots = []string{"key", "secret", "time"}
	textSlots    = []string{"number", "e164", "text", "signed", "signature", "template", "params", "values", "id", "ext"}
	eachSlots    = []string{"number", "e164", "id", "carrier_id", "date"}
)

// uses says whether sending needs a slot.
func (a *API) uses(slot string) bool { return slices.Contains(a.Send.slots(), slot) }

// check says all that is wrong with a description, for an account with these vars.
func (a *API) check(vars map[string]string) error {
	var errs []error
	account := slices.Concat(accountSlots, slices.Collect(maps.Keys(vars)))
	bad := func(where, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
	}
	if !slices.Contains([]string{"", SignRPCMethod, SignTC3Method}, a.Sign.Method) {
		bad("sign", "method %q is neither %s nor %s", a.Sign.Method, SignRPCMethod, SignTC3Method)
	}
	if a.Sign.Method == SignTC3Method && a.Sign.Service == "" {
		bad("sign", "no service")
	}
	request := func(where string, r *Request, slots []string) {
		for _, s := range r.slots() {
			if !slices.Contains(slots, s) {
				bad(where, "no slot {%s}", s)
			}
		}
		for _, s := range slotsOf(r.Path) {
			if s == "secret" || !slices.Contains(account, s) {
				bad(where, "{%s} in a path would stand in every log", s)
			}
		}
		if r.Form != nil && r.JSON != nil {
			bad(where, "a body is form or json")
		}
		signable := map[string]bool{"": true, SignRPCMethod: r.Form != nil, SignTC3Method: r.JSON != nil}[a.Sign.Method]
		if plain := r.Path == "" && r.Method == ""; !signable || a.Sign.Method != "" && !plain {
			bad(where, "%s signs a POST to / alone, rpc of a form and tc3 of JSON", a.Sign.Method)
		}
	}
	request("send", &a.Send.Request, slices.Concat(account, textSlots))
	if m := cmp.Or(a.Send.Method, http.MethodPost); m != http.MethodPost && m != http.MethodPut {
		bad("send", "method %s: clients and proxies repeat one that is not POST or PUT as they like", m)
	}
	if len(a.Send.Code) > 0 && len(a.Send.OK) == 0 {
		bad("send", "no code means success")
	}
	for code, f := range a.Send.Faults {
		if !faults[f] {
			bad("send", "code %s: %q is no fault", code, f)
		}
	}
	for status, f := range a.Send.Status {
		if !faults[f] {
			bad("send", "status %d: %q is no fault", status, f)
		}
	}
	for i := range a.Pulls {
		p, where, slots := &a.Pulls[i], fmt.Sprintf("pull %d", i+1), account
		if p.Each > 0 {
			slots = slices.Concat(account, eachSlots)
		}
		request(where, &p.Request, slots)
		if (p.Receipts == nil) == (p.Texts == nil) {
			bad(where, "it reads receipts or texts")
		}
		errs = append(errs, p.Receipts.check(where, p.Each > 0), p.Texts.check(where, false))
	}
	return errors.Join(append(errs, a.Receipts.check("receipts", false), a.Texts.check("texts", false))...)
}

// faults are those a table may name.
var faults = map[sms.Fault]bool{
	sms.Temporary: true, sms.Elsewhere: true, sms.Throttled: true, sms.Permanent: true, sms.Unknown: true,
}

// check says what is wrong with a reading; asked means that the request says which text
// is meant.
func (r *Reading) check(where string, asked bool) error {
	if r == nil {
		return nil
	}
	var errs []error
	if _, err := r.Time.zone(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", where, err))
	}
	if r.Time.Path != "" && len(r.Time.Layouts) == 0 {
		errs = append(errs, fmt.Errorf("%s: its time has no layout", where))
	}
	if r.Text == "" && (r.State.Path == "" || r.ID == "" && !asked) {
		errs = append(errs, fmt.Errorf("%s: a receipt needs the path of its state and of its id", where))
	}
	if r.Text != "" && r.Number == "" {
		errs = append(errs, fmt.Errorf("%s: a text needs the path of its number", where))
	}
	return errors.Join(errs...)
}
