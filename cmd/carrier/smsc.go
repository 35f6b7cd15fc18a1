package main

import (
	"io"
	"net/http"
)

// submit is one segment as the hotline submitted it: the SMSC's own record, by which a
// test can tell that a question went out once.
type submit struct {
	From string `json:"from"`
	To   string `json:"to"`
	Text string `json:"text"` // of this segment
	At   string `json:"at"`
}

// submits lists all segments since the start, oldest first.
func (c *carrier) submits() []submit {
	out := []submit{}
	for _, s := range c.smsc.Submits() {
		out = append(out, submit{From: s.From, To: s.To, Text: s.Text, At: stamp(s.At)})
	}
	return out
}

// longestInjection bounds what may be put on the link at once: more than the largest
// frame any text could be.
const longestInjection = 2 << 20

// postInject writes the body to the hotline's link as it is: bad lengths, unknown
// commands, garbage. It answers 204 whatever the hotline makes of it.
func (c *carrier) postInject(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestInjection))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	c.smsc.Inject(raw)
	w.WriteHeader(http.StatusNoContent)
}
