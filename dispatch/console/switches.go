package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/dispatch"
)

// Switch is one Asterisk as the console shows it; its password stays where it is.
type Switch struct {
	Name  string    `json:"name"`
	URL   string    `json:"url"`
	Want  string    `json:"want"`  // serving, draining, removed
	Since time.Time `json:"since"` // of Want
	State string    `json:"state"` // connecting, up, draining, down, as this controller sees it; "" when it has let go of it
	Calls int       `json:"calls"` // of this controller
}

// NewSwitch is an Asterisk to be added.
type NewSwitch struct {
	Name     string `json:"name"`
	URL      string `json:"url"` // http://host:port
	User     string `json:"user"`
	Password string `json:"password"`
	Dir      string `json:"dir"` // its own folder, where it is on the controllers' machine
}

// Switches is the register of Asterisks that all controllers share. Errors are those of
// dispatch: ErrInvalid with a text that may be shown, ErrConflict, ErrNotFound.
type Switches interface {
	List(ctx context.Context) ([]Switch, error)
	Add(ctx context.Context, sw NewSwitch) error
	// Want says what is wanted of one from now on: serving, draining or removed.
	Want(ctx context.Context, name, want string) error
}

// switches lists the Asterisks.
func (c *Console) switches(w http.ResponseWriter, r request) error {
	view := struct {
		Items []Switch `json:"items"`
	}{Items: []Switch{}}
	if c.cfg.Switches != nil {
		list, err := c.cfg.Switches.List(r.Context())
		if err != nil {
			return err
		}
		view.Items = append(view.Items, list...)
	}
	return send(w, http.StatusOK, view)
}

// addSwitch adds an Asterisk; every controller connects to it within seconds.
func (c *Console) addSwitch(w http.ResponseWriter, r request) error {
	var in NewSwitch
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if c.cfg.Switches == nil {
		return noSwitches
	}
	if err := c.cfg.Switches.Add(r.Context(), in); err != nil {
		return whySwitch(err)
	}
	c.cfg.Log.InfoContext(r.Context(), "switch added", "switch", in.Name, "by", r.who.Account.Name)
	return c.switches(w, r)
}

// drainSwitch lets an Asterisk take no new calls.
func (c *Console) drainSwitch(w http.ResponseWriter, r request) error {
	return c.wantSwitch(w, r, "draining")
}

// resumeSwitch ends a drain.
func (c *Console) resumeSwitch(w http.ResponseWriter, r request) error {
	return c.wantSwitch(w, r, "serving")
}

// removeSwitch drains an Asterisk and lets go of it after its last call.
func (c *Console) removeSwitch(w http.ResponseWriter, r request) error {
	return c.wantSwitch(w, r, "removed")
}

// noSwitches is the answer where there is no register.
var noSwitches = problem{Status: http.StatusNotFound, Detail: "没有这个 Asterisk"}

// whySwitch says in the register's terms what is wrong.
func whySwitch(err error) error {
	switch {
	case errors.Is(err, dispatch.ErrNotFound):
		return noSwitches
	case errors.Is(err, dispatch.ErrConflict):
		return problem{Status: http.StatusConflict, Detail: "这个名称已在使用", Cause: err}
	case errors.Is(err, dispatch.ErrInvalid):
		return problem{Status: http.StatusUnprocessableEntity, Detail: "这台 Asterisk 的参数有误: " + err.Error(), Cause: err}
	}
	return err
}

func (c *Console) wantSwitch(w http.ResponseWriter, r request, want string) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	if c.cfg.Switches == nil {
		return noSwitches
	}
	if err := c.cfg.Switches.Want(r.Context(), r.PathValue("name"), want); err != nil {
		return whySwitch(err)
	}
	c.cfg.Log.InfoContext(r.Context(), "switch changed", "switch", r.PathValue("name"), "want", want, "by", r.who.Account.Name)
	return c.switches(w, r)
}
