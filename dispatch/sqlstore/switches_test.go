package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

func switchesKept(t *testing.T, s *sqlstore.Store) {
	ctx := t.Context()
	one := sqlstore.Switch{Name: "one", URL: "http://127.0.0.1:8088", User: "u", Password: "p", Dir: "/srv/one", Since: noon}
	two := sqlstore.Switch{Name: "two", URL: "http://127.0.0.1:8089", User: "u", Password: "p", Since: noon}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	listed := func(want ...sqlstore.Switch) {
		t.Helper()
		got, err := s.Switches(context.Background())
		must(err)
		same(t, "switches", got, want)
	}
	listed([]sqlstore.Switch{}...)
	must(s.SeedSwitch(ctx, one))
	must(s.AddSwitch(ctx, two))
	one.Want, two.Want = "serving", "serving"
	listed(one, two)
	if err := s.AddSwitch(ctx, two); !errors.Is(err, dispatch.ErrConflict) {
		t.Errorf("added twice: %v", err)
	}

	later := noon.Add(time.Minute)
	must(s.WantSwitch(ctx, "one", "draining", later))
	must(s.WantSwitch(ctx, "one", "draining", later.Add(time.Hour))) // is wanted already
	one.Password, one.Dir = "new", "/srv/moved"
	must(s.SeedSwitch(ctx, one)) // its controller starts again
	one.Want, one.Since = "draining", later
	listed(one, two)

	must(s.WantSwitch(ctx, "one", "removed", later))
	for _, name := range []string{"one", "three"} {
		if err := s.WantSwitch(ctx, name, "serving", later); !errors.Is(err, dispatch.ErrNotFound) {
			t.Errorf("%s is not there, and is wanted: %v", name, err)
		}
	}
	one.Want = "removed"
	listed(one, two)
	one.Since = later.Add(time.Hour)
	must(s.SeedSwitch(ctx, one)) // a controller is started with it
	one.Want = "serving"
	listed(one, two)
	must(s.WantSwitch(ctx, "two", "removed", later))
	two.URL, two.Since = "http://127.0.0.1:8090", later
	must(s.AddSwitch(ctx, two))
	listed(one, two)
}
