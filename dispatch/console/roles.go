package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hotline/dispatch"
)

// Role is what an account may do; see rights.
type Role string

// The roles of people (requirements of all five regulations).
const (
	Agent        Role = "agent"         // 话务员: takes calls and texts, registers
	DutyOfficer  Role = "duty_officer"  // 值班人员
	DutyLeader   Role = "duty_leader"   // 值班(带班)领导
	UnitHandler  Role = "unit_handler"  // 承办责任人: sees the orders of the own unit alone
	UnitHead     Role = "unit_head"     // 单位负责人: as much
	HotlineAdmin Role = "hotline_admin" // 热线管理机构: may do everything here
	Upper        Role = "upper"         // 上级平台
	Leader       Role = "leader"        // 市长、秘书长、管委会领导
	Supervisor   Role = "supervisor"    // 督查、监察、纪检
	Auditor      Role = "auditor"       // reads the audit, and nothing else
)

// Roles are all roles an account can have. "system" is the program itself: nobody logs in as it.
var Roles = []Role{Agent, DutyOfficer, DutyLeader, UnitHandler, UnitHead, HotlineAdmin, Upper, Leader, Supervisor, Auditor}

// ofUnit says whether a role sees one unit's orders alone (ZQ-24).
func (r Role) ofUnit() bool { return r == UnitHandler || r == UnitHead }

// Account is somebody who may log in.
type Account struct {
	Name  string
	Roles []Role // at least one
	Unit  string // id of the unit that unit_handler and unit_head are of
}

// check says what is wrong with an account.
func (a Account) check() error {
	if a.Name == "" || len(a.Name) > maxAccount {
		return fmt.Errorf("account name of %d bytes, want 1 to %d", len(a.Name), maxAccount)
	}
	if len(a.Roles) == 0 {
		return fmt.Errorf("account %s has no role, want some of %s", a.Name, roleNames(Roles))
	}
	for _, r := range a.Roles {
		if !slices.Contains(Roles, r) {
			return fmt.Errorf("account %s: role %q, want some of %s", a.Name, r, roleNames(Roles))
		}
	}
	if inUnit := slices.ContainsFunc(a.Roles, Role.ofUnit); inUnit != (a.Unit != "") {
		return fmt.Errorf("account %s: roles %s and unit %q: unit_handler and unit_head have a unit, others have none",
			a.Name, roleNames(a.Roles), a.Unit)
	}
	return nil
}

func roleNames(roles []Role) string {
	var all []string
	for _, r := range roles {
		all = append(all, string(r))
	}
	return strings.Join(all, ", ")
}

// leave is what an account may do with a route.
type leave struct {
	allowed bool
	unit    string // the orders of this unit alone; "": of everybody
}

// mayUse looks a route up. An account with several roles has the widest of their rights.
func (a Account) mayUse(name string) leave {
	var l leave
	for _, r := range a.Roles {
		if r != HotlineAdmin && !slices.Contains(rights[name], r) {
			continue
		}
		if !r.ofUnit() {
			return leave{allowed: true}
		}
		l = leave{allowed: true, unit: a.Unit}
	}
	return l
}

// enter decides whether a request goes on (denied by default) and within what. A refusal is
// audited. What belongs to another unit does not exist for this one (ZZ-10.8).
func (c *Console) enter(rt route, r *request) error {
	l := r.who.Account.mayUse(rt.name())
	if !l.allowed {
		return c.refuse(*r, rt.refusal())
	}
	r.unit = l.unit
	number := r.PathValue("number")
	if r.unit == "" || number == "" {
		return nil
	}
	return c.ofUnit(*r, number)
}

// ofUnit fails as if there were no such order when the requester's unit does not have it.
func (c *Console) ofUnit(r request, number string) error {
	has, err := c.has(r, number)
	if err == nil && !has {
		err = c.refuse(r, problem{Status: http.StatusNotFound, Detail: "没有找到", Rule: "ZQ-24"})
	}
	return err
}

// has says whether the requester's unit has an order; who is of no unit has all.
func (c *Console) has(r request, number string) (bool, error) {
	if r.unit == "" {
		return true, nil
	}
	rows, err := c.cfg.Record.Orders(r.Context(), dispatch.Filter{Order: number, Unit: r.unit, Limit: 1})
	return len(rows) > 0, err
}

// refuse audits a refusal and returns it.
func (c *Console) refuse(r request, p problem) error {
	c.audit(r, dispatch.Audit{Actor: r.actor(), Act: dispatch.ActRefused, Subject: r.about(), Text: r.Pattern, Rule: p.Rule})
	if p.Status == http.StatusNotFound {
		p.Rule = "" // a clause would tell that there is something
	}
	p.audited = true
	return p
}

// about is what a request is about: an order's number or another id of its address.
func (r request) about() string {
	for _, name := range []string{"number", "id", "name"} {
		if v := r.PathValue(name); v != "" {
			return v
		}
	}
	return r.Pattern
}
