package windows

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"hotline/dispatch/sqlstore/pgtest"
)

func TestMain(m *testing.M) {
	// The bench starts itself as its controllers.
	if os.Getenv(RoleVariable) == Role {
		if err := Poll(context.Background(), []byte(os.Getenv(TaskVariable)), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// size is a number of the environment, so that one may measure with go test too.
func size(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSmoke measures a little of everything: each survey is settled once, none is lost,
// none too early.
func TestSmoke(t *testing.T) {
	repo, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Repo: repo, Dir: t.TempDir(), Windows: size(t, "HOTLINE_WINDOWS", 3000), Rounds: size(t, "HOTLINE_ROUNDS", 1), Controllers: 3, Progress: t.Output(),
		Databases:  map[string]string{"SQLite": filepath.Join(t.TempDir(), "h.db"), "PostgreSQL": pgtest.Start(t)},
		SQLWindows: size(t, "HOTLINE_SQL_WINDOWS", 300)}
	cells, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(cells) != c.Rounds+2 {
		t.Fatalf("%d cells", len(cells))
	}
	for _, cell := range cells {
		due := cell.Windows
		if cell.Store == listName {
			due -= cell.Windows / 5
		}
		if cell.Back != due || cell.Early != 0 || cell.Due != due || cell.SettledOf != due || cell.Settled == 0 || cell.Rebuilt == 0 {
			t.Errorf("%+v", cell)
		}
	}
}
