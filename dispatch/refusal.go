package dispatch

// Refusal is why something is not done: what was wrong with which field of what was asked,
// and the clause that says so. Text is Chinese, for people. It wraps one of the package's
// errors.
type Refusal struct {
	Field string // empty when it is not about one
	Rule  string
	Text  string
	kind  error
}

func refuse(kind error, r Refusal) error {
	r.kind = kind
	return &r
}

// Error is the words and the clause.
func (r *Refusal) Error() string {
	s := r.Text
	if r.Field != "" {
		s = r.Field + ": " + s
	}
	return s + " (" + r.Rule + "): " + r.kind.Error()
}

// Unwrap is which kind of refusal it is.
func (r *Refusal) Unwrap() error { return r.kind }
