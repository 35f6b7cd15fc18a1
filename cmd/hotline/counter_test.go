package main

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
)

// counter is a console over a real office and a real database, without a telephone.
type counter struct {
	*testing.T
	office *dispatch.Office
	clock  *clock
	api    string

	accounts *console.Accounts
}

// newCounter opens it at 10:00 on Monday, 23 November 2026.
func newCounter(t *testing.T, hotline string) *counter {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	check(err)
	t.Cleanup(func() { store.Close() })
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/"+hotline+"/policy.yaml")
	check(err)
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	check(err)
	d := &counter{T: t, clock: newClock()}
	d.clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, dispatch.Place))
	d.office = dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: d.clock.Now,
		Units: []dispatch.Unit{{ID: "water", Name: "水务局", Topics: []string{"停水", "路灯"}}, {ID: "roads", Name: "住建局"}}})
	accounts, err := console.NewAccounts(d.clock.Now)
	check(err)
	check(accounts.Add(console.Account{Name: "admin", Roles: []console.Role{console.HotlineAdmin}}, counterPassword))
	check(accounts.Add(console.Account{Name: "boss", Roles: []console.Role{console.HotlineAdmin}}, counterPassword))
	c, err := console.New(console.Config{Office: d.office, Record: store, Accounts: accounts, Types: policy.Types, Now: d.clock.Now, Clause: clauses(nil)})
	check(err)
	server := httptest.NewServer(c)
	t.Cleanup(func() { c.Close(); server.Close() })
	d.api, d.accounts = server.URL, accounts
	t.Setenv("HOTLINE_ADMIN_PASSWORD", counterPassword)
	t.Setenv("HOTLINE_PASSWORD", counterPassword)
	return d
}

const counterPassword = "correct horse battery"

// hotline runs a command of the program against it.
func (d *counter) hotline(words ...string) (string, error) {
	d.Helper()
	return runCommand(d.T, newRootCommand(), append(words, "--api", d.api)...)
}

// registered is an order by telephone.
func (d *counter) registered(in dispatch.Intake) dispatch.Order {
	d.Helper()
	in.Channel, in.Actor = dispatch.ByPhone, "agent:8001"
	o, err := d.office.Open(d.Context(), in)
	if err != nil {
		d.Fatal(err)
	}
	return o
}
