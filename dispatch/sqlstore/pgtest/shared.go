package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// sharedVar names the server of a package to its tests.
const sharedVar = "HOTLINE_TEST_POSTGRES"

// Run runs the tests of a package with one server for all of them, for TestMain; it returns
// the exit code. prepare gets the URL of the server's first database, from which those of
// Database are copied: it gives it the schema, and leaves no connection.
func Run(m *testing.M, prepare func(server string) error) int {
	s, err := open()
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	code := 1
	if err = prepare(s.url()); err == nil {
		err = os.Setenv(sharedVar, s.url())
	}
	if err == nil {
		code = m.Run()
	}
	if err == nil {
		err = s.close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	return code
}

// Database makes a database on the server of Run, as prepare left its first one, and returns
// its URL. It is dropped when tb ends.
func Database(tb testing.TB) string {
	tb.Helper()
	u, err := url.Parse(os.Getenv(sharedVar))
	if err != nil || u.Path == "" {
		tb.Fatalf("postgres: no server of the package, TestMain starts it (%v)", err)
	}
	name := "t" + strings.ToLower(rand.Text())
	command(tb, *u, "CREATE DATABASE "+name+" TEMPLATE postgres")
	tb.Cleanup(func() { command(tb, *u, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

// command gives the server one, from a database that nobody copies meanwhile.
func command(tb testing.TB, server url.URL, sql string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	server.Path = "/template1"
	c, err := pgx.Connect(ctx, server.String())
	if err != nil {
		tb.Fatalf("postgres: %v", err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, sql); err != nil {
		tb.Fatalf("postgres: %v", err)
	}
}
