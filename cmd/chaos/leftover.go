package main

import (
	"context"
	"fmt"

	"hotline/cmd/rig"
)

// lineCall is a call as the carrier recorded it.
type lineCall struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	From     string `json:"from"`
	To       string `json:"to"`
	Answered string `json:"answered_at"`
	Ended    string `json:"ended_at"`
}

// leftOnLines lists the carrier's lines that are still in a call. One that was in a call
// when the carrier died knows nothing of it.
func (t *town) leftOnLines(ctx context.Context, o *outcome, x *injury) (wrong []string) {
	at := "http://" + t.rig.Addr(rig.Carrier) + "/api/calls"
	gone := map[string]bool{} // callers whose switch died: nobody will ever tell the line
	for _, c := range o.Calls {
		gone[c.Number] = excused(x.torn, c)
	}
	var all []lineCall
	if err := askJSON(ctx, "GET "+at, nil, &all); err != nil {
		return []string{err.Error()}
	}
	for _, c := range all {
		if c.Kind != "line" || c.Ended != "" {
			continue
		}
		if gone[c.From] {
			_ = askJSON(ctx, "DELETE "+at+"/"+c.ID, nil, nil) // it may end by itself
		} else {
			wrong = append(wrong, fmt.Sprintf("line %s is still in the call of %s", c.To, c.From))
		}
	}
	return wrong
}

// leftAtDesks lists desks that are not free. The console is asked as a person would.
func (t *town) leftAtDesks(ctx context.Context) (wrong []string) {
	for _, part := range t.controllers() {
		at := "http://" + t.rig.Addr(part) + "/api/v1"
		token, err := t.logIn(ctx, part)
		if err != nil {
			return []string{"log in: " + err.Error()}
		}
		var desks struct {
			Items []struct{ Name, State, Call string }
		}
		if err := bearer(token).ask(ctx, "GET "+at+"/desks", nil, &desks); err != nil {
			t.forgetToken(part)
			return []string{"desks: " + err.Error()}
		}
		for _, d := range desks.Items {
			if d.State != "idle" {
				wrong = append(wrong, fmt.Sprintf("desk %s is %s at %s", d.Name, d.State, part))
			}
		}
	}
	return wrong
}

// logIn asks a controller for a token once.
func (t *town) logIn(ctx context.Context, part string) (string, error) {
	t.wiring.Lock()
	token := t.tokens[part]
	t.wiring.Unlock()
	if token != "" {
		return token, nil
	}
	var session struct{ Token string }
	err := askJSON(ctx, "POST "+"http://"+t.rig.Addr(part)+"/api/v1/login",
		map[string]any{"account": "admin", "password": t.rig.Password, "bearer": true}, &session)
	t.wiring.Lock()
	t.tokens[part] = session.Token
	t.wiring.Unlock()
	return session.Token, err
}

func (t *town) forgetToken(part string) {
	t.wiring.Lock()
	defer t.wiring.Unlock()
	delete(t.tokens, part)
}
