package ivr

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// memory is what has to be known to go on with a call whose controller died: where in the
// flow it is, what was tried, and its record so far. It is written into the call's note
// before each step.
type memory struct {
	Node     string    `json:"node,omitempty"`
	Silent   int       `json:"silent,omitempty"`  // rounds of this node's menu without a key
	Wrong    int       `json:"wrong,omitempty"`   // wrong keys in it
	Refused  string    `json:"refused,omitempty"` // the prompt that told the caller so
	Tried    []string  `json:"tried,omitempty"`   // who was rung in vain at this node, as ways names them
	Desk     string    `json:"desk,omitempty"`    // reserved for the caller
	Came     time.Time `json:"came,omitzero"`     // to the agents of this node
	Messages int       `json:"messages,omitempty"`
	Message  string    `json:"message,omitempty"` // recording of the message being left
	Reason   string    `json:"reason,omitempty"`  // why it is taken

	Branch  bool   `json:"branch,omitempty"`  // in the emergency branch
	Service string `json:"service,omitempty"` // chosen there: its key
	Direct  bool   `json:"direct,omitempty"`  // the service could not be reached

	Survey string `json:"survey,omitempty"` // the task of a call of ours that asks for a rating

	Failed   bool   `json:"failed,omitempty"`   // a recording failed in this call
	Sought   bool   `json:"sought,omitempty"`   // somebody was rung for the caller
	Unserved bool   `json:"unserved,omitempty"` // an emergency that reached nobody
	Actor    string `json:"actor,omitempty"`    // who answered, as the order has it
	Summary  string `json:"summary,omitempty"`  // of the order of the one who answered

	Record dispatch.Call `json:"record"`
}

// remember makes what is known of the call part of its next note.
func (v *visit) remember() {
	v.mem.Record = v.record()
	b, err := json.Marshal(&v.mem)
	if err != nil { // strings, numbers and times: it cannot fail
		v.log.Error("call not remembered", "err", err)
		return
	}
	v.phone.Remember(b)
}

// at moves to another node, whose tries begin anew.
func (v *visit) at(node string) {
	m := &v.mem
	m.Node, m.Silent, m.Wrong, m.Tried, m.Came = node, 0, 0, nil, time.Time{}
	v.skip = nil
}

// recall reads a note's state; false when nothing can be made of it.
func recall(state []byte) (m memory, ok bool) {
	return m, json.Unmarshal(state, &m) == nil && m.Record.ID != ""
}

// Remembered is the record of a call in the state of its note, for a call that ended
// while nobody controlled it; false when nothing can be made of the state.
func Remembered(state []byte) (dispatch.Call, bool) {
	m, ok := recall(state)
	return m.Record, ok
}

// takenOver is why this controller has nothing more to do with the call, nil while it has.
func (v *visit) takenOver() error {
	var h *asterisk.Hangup
	if v.call.Err() == nil {
		return nil
	}
	if err := context.Cause(v.call); errors.As(err, &h) && h.By == asterisk.TakenOver {
		return err
	}
	return nil
}
