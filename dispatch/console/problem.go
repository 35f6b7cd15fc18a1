package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/dispatch"
)

// problem is an error for people and programs (RFC 9457). Detail is Chinese, for people.
type problem struct {
	Status int
	Detail string
	Field  string        // what of the request is meant, if one thing is
	Rule   string        // the clause that says so, if one does
	Wait   time.Duration // for 429: how long until another try makes sense
	Cause  error         // logged, never sent

	audited bool
}

func (p problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s: %v", p.Detail, p.Cause)
	}
	return p.Detail
}

func (p problem) Unwrap() error { return p.Cause }

// invalid is a problem with one field of what was sent.
func invalid(field, text string) problem {
	return problem{Status: http.StatusUnprocessableEntity, Detail: text, Field: field}
}

// asProblem finds the status of an error; what is not foreseen is ours (500).
func asProblem(err error) problem {
	var p problem
	var refusal *dispatch.Refusal
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return asRefusal(refusal, err)
	case errors.Is(err, dispatch.ErrNotFound):
		return problem{Status: http.StatusNotFound, Detail: "没有找到", Cause: err}
	case errors.Is(err, dispatch.ErrConflict):
		return problem{Status: http.StatusConflict, Detail: "别人刚刚改过，请刷新后再试", Cause: err}
	case errors.Is(err, dispatch.ErrIllegal):
		return problem{Status: http.StatusConflict, Detail: "当前状态下不能这样做", Cause: err}
	case errors.Is(err, dispatch.ErrInvalid):
		return problem{Status: http.StatusUnprocessableEntity, Detail: "内容不完整或不被接受", Cause: err}
	case errors.Is(err, dispatch.ErrLocked):
		return problem{Status: http.StatusLocked, Detail: "已锁定，请稍后再试", Cause: err}
	}
	return problem{Status: http.StatusInternalServerError, Detail: "系统出错，已记入日志", Cause: err}
}

// asRefusal is a problem that the office itself has put into words.
func asRefusal(r *dispatch.Refusal, err error) problem {
	p := problem{Status: http.StatusConflict, Detail: r.Text, Field: r.Field, Rule: r.Rule, Cause: err}
	if r.Rule != "rec" { // our own choice has no clause to read
		p.Detail += "(" + r.Rule + ")"
	}
	switch {
	case errors.Is(r, dispatch.ErrInvalid):
		p.Status = http.StatusUnprocessableEntity
	case errors.Is(r, dispatch.ErrSame), errors.Is(r, dispatch.ErrRole):
		p.Status = http.StatusForbidden
	}
	return p
}

// fail answers with a problem document. Faults of ours are logged; the log has the
// route, never the query.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := asProblem(err)
	if p.Status >= 500 {
		c.cfg.Log.ErrorContext(r.Context(), "console request failed", "method", r.Method, "route", r.Pattern, "err", err)
	}
	if p.Wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.Wait.Seconds())+1))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	body := map[string]any{"type": "about:blank", "title": http.StatusText(p.Status), "status": p.Status, "detail": p.Detail}
	if p.Field != "" {
		body["field"] = p.Field
	}
	if p.Rule != "" {
		body["rule"] = p.Rule
	}
	_ = json.NewEncoder(w).Encode(body)
}

// refused answers with a problem document; if it is a refusal, somebody's right or session that
// was missing, it is audited.
func (c *Console) refused(w http.ResponseWriter, r request, err error) {
	switch p := asProblem(err); {
	case p.audited:
	case r.who.Account.Name != "":
		if p.Status == http.StatusForbidden {
			err = c.refuse(r, p)
		}
	case p.Status == http.StatusUnauthorized, p.Status == http.StatusForbidden, p.Status == http.StatusTooManyRequests:
		c.turnedAway(r, p)
	}
	c.fail(w, r.Request, err)
}

// send answers with JSON.
func send(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the reader is gone: nothing to do
	return nil
}

// maxBody is what a request may carry, in bytes; a result of 4,000 characters fits.
const maxBody = 64 << 10

// receive reads exactly one JSON object with known fields only, as it is described.
func receive(w http.ResponseWriter, r request, into any) error {
	return receiveUpTo(w, r, into, maxBody)
}

// receiveUpTo is receive of a body of at most so many bytes.
func receiveUpTo(w http.ResponseWriter, r request, into any, most int64) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem{Status: http.StatusUnsupportedMediaType, Detail: "请以 application/json 提交"}
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	var body json.RawMessage
	err := dec.Decode(&body)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err == nil {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the work may take longer than the body
	}
	var tooBig *http.MaxBytesError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem{Status: http.StatusRequestTimeout, Detail: "提交的内容没有及时到达"}
	case errors.As(err, &tooBig):
		return problem{Status: http.StatusRequestEntityTooLarge, Detail: "提交的内容过大"}
	case err != nil:
		return malformed(err)
	}
	if err := r.shapes.check(r.Pattern, body); err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil {
		return malformed(err)
	}
	return nil
}

// malformed is what is wrong with a body, with the field it is wrong in.
func malformed(err error) problem {
	p := problem{Status: http.StatusBadRequest, Detail: "JSON 有误：" + err.Error()}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		// Bodies are flat: what stands before the name is a struct of ours that holds it.
		p.Field = wrong.Field[strings.LastIndex(wrong.Field, ".")+1:]
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		p.Field = strings.Trim(name, `"`)
	}
	return p
}

// page is one part of a list.
type page[T any] struct {
	Items []T  `json:"items"`
	Next  *int `json:"next"` // offset of the next part; null at the end
}

// Bounds of a part.
const (
	defaultLimit = 50
	maxLimit     = 200
	maxOffset    = 1_000_000
)

// filter reads limit, offset, order and open; unknown parameters are refused, so that
// a misspelt one is not taken for "everything". More are allowed by name.
func filter(r request, more ...string) (dispatch.Filter, error) {
	f := dispatch.Filter{Limit: defaultLimit}
	for name, values := range r.URL.Query() {
		var err error
		value := values[0]
		switch {
		case len(values) > 1:
			err = errors.New("given twice")
		case name == "limit":
			f.Limit, err = number(value, 1, maxLimit)
		case name == "offset":
			f.Offset, err = number(value, 0, maxOffset)
		case name == "order":
			f.Order = value
		case name == "open":
			f.Open, err = strconv.ParseBool(value)
		case !slices.Contains(more, name):
			err = errors.New("unknown")
		}
		if err != nil {
			return f, problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf("参数 %s 有误", name), Cause: err}
		}
	}
	f.Limit++ // one more tells whether there is a next part
	return f, nil
}

func number(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err == nil && (n < low || n > high) {
		err = fmt.Errorf("not between %d and %d", low, high)
	}
	return n, err
}

// paged turns the rows read by f into a part of a list.
func paged[R, T any](f dispatch.Filter, rows []R, view func(R) T) page[T] {
	p := page[T]{Items: make([]T, 0, len(rows))}
	for i, row := range rows {
		if i == f.Limit-1 {
			next := f.Offset + i
			p.Next = &next
			break
		}
		p.Items = append(p.Items, view(row))
	}
	return p
}
