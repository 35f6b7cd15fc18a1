package console

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// TestUnknownAccountsCostAsMuch: the time an answer takes does not tell which accounts exist.
func TestUnknownAccountsCostAsMuch(t *testing.T) {
	a, err := NewAccounts(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if cost, err := bcrypt.Cost(a.nobody); err != nil || cost != a.cost {
		t.Errorf("nobody's hash costs %d, accounts' %d (%v)", cost, a.cost, err)
	}
}

// TestManyGuessesAtOnce: the throttle counts guesses that come at the same time too.
func TestManyGuessesAtOnce(t *testing.T) {
	a, err := NewAccounts(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a.Cheapen()
	results := make(chan error, 200)
	for range 200 {
		go func() {
			_, _, err := a.logIn(context.Background(), "192.0.2.1", "admin", "a guess of many")
			results <- err
		}()
	}
	judged := 0
	for range 200 {
		if err := <-results; !errors.Is(err, errThrottled) {
			judged++
		}
	}
	if judged > failsTogether+cap(a.work) {
		t.Errorf("%d guesses were judged, want at most %d", judged, failsTogether+cap(a.work))
	}
}

func TestSessionsAreBounded(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	a, err := NewAccounts(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxSessions + 5 {
		a.sessions[[32]byte{byte(i), byte(i >> 8), 1}] = Session{Expires: now.Add(time.Duration(i+1) * time.Second)}
	}
	now = now.Add(3 * time.Second)
	a.prune()
	if n := len(a.sessions); n != maxSessions+1 {
		t.Errorf("%d sessions after pruning the expired and one more, want %d", n, maxSessions+1)
	}
}
