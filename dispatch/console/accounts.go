package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Session is one log-in.
type Session struct {
	Account Account
	CSRF    string // what a browser must repeat in X-CSRF-Token, since it sends the cookie by itself
	Expires time.Time
}

// How long things last, and how many wrong passwords are borne in that time: by one
// account from one address, by one address, and by one account from everywhere. The
// last is high, or anybody could lock an officer out.
const (
	sessionFor    = 12 * time.Hour
	failsFor      = 15 * time.Minute
	failsTogether = 5
	failsAddress  = 20
	failsAccount  = 100
	maxSessions   = 10_000
)

// Limits of names and passwords, in bytes; bcrypt reads no more than 72.
const (
	minPassword = 8
	maxPassword = 72
	maxAccount  = 64
)

// Accounts are who may use the console, and their sessions. Both live in memory: a
// restart logs everybody out. Passwords are kept as bcrypt hashes, session tokens as
// SHA-256. It is safe for concurrent use.
type Accounts struct {
	now  func() time.Time
	work chan struct{} // bounds concurrent password checks, which are made to be slow

	mu       sync.Mutex
	people   map[string]Account
	hashes   map[string][]byte
	cost     int    // of bcrypt
	nobody   []byte // checked for unknown accounts, so that they take as long as known ones
	sessions map[[sha256.Size]byte]Session
	fails    map[string][]time.Time
}

// nobodysHash is of a random password nobody knows, made with bcrypt's default cost.
const nobodysHash = "$2a$10$pE3pIhFRymFdw61zqHdeK.9U2agHk19AJQUxcOtfN5e0omrV616Iy"

// NewAccounts makes an empty register. Give it the machine's clock, not the hotline's:
// a clock that a demonstration moves to tomorrow would log everybody out. A nil clock
// is an error.
func NewAccounts(now func() time.Time) (*Accounts, error) {
	if now == nil {
		return nil, errors.New("console accounts: no clock")
	}
	return &Accounts{now: now, work: make(chan struct{}, 2), people: map[string]Account{}, hashes: map[string][]byte{},
		cost: bcrypt.DefaultCost, nobody: []byte(nobodysHash),
		sessions: map[[sha256.Size]byte]Session{}, fails: map[string][]time.Time{}}, nil
}

// Add makes an account, or gives it another password and ends its sessions. A password
// has 8 to 72 bytes; roles and unit are checked.
func (a *Accounts) Add(who Account, password string) error {
	if err := who.check(); err != nil {
		return err
	}
	name := who.Name
	if len(password) < minPassword || len(password) > maxPassword {
		return fmt.Errorf("password of account %s: %d bytes, want %d to %d", name, len(password), minPassword, maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), a.cost)
	if err != nil {
		return fmt.Errorf("password of account %s: %w", name, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hashes[name], a.people[name] = hash, who
	for token, s := range a.sessions {
		if s.Account.Name == name {
			delete(a.sessions, token)
		}
	}
	return nil
}

// AddOneTime makes an account with a new random password of 80 bits, to be shown once.
func (a *Accounts) AddOneTime(who Account) (password string, err error) {
	t := rand.Text()
	password = t[0:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:16]
	return password, a.Add(who, password)
}

// errCredentials does not say which of the two was wrong.
var errCredentials = errors.New("wrong account or password")

// errThrottled says that there were too many wrong passwords.
var errThrottled = errors.New("too many wrong passwords")

// logIn checks a password and makes a session; token is what the client keeps.
func (a *Accounts) logIn(ctx context.Context, address, name, password string) (token string, s Session, err error) {
	if len(name) > maxAccount || len(password) > maxPassword {
		return "", Session{}, errCredentials
	}
	if err := a.guess(ctx, guess{address, name, password}); err != nil {
		return "", Session{}, err
	}
	token = rand.Text()
	a.mu.Lock()
	defer a.mu.Unlock()
	s = Session{Account: a.people[name], CSRF: rand.Text(), Expires: a.now().Add(sessionFor)}
	a.prune()
	delete(a.fails, failKey(address, name))
	a.sessions[sha256.Sum256([]byte(token))] = s
	return token, s, nil
}

// guess is one try to log in.
type guess struct{ address, name, password string }

// guess checks a password. Whether the guesser has to wait is asked when it is their
// turn, so that many tries at once are no way around it.
func (a *Accounts) guess(ctx context.Context, g guess) error {
	select {
	case a.work <- struct{}{}:
		defer func() { <-a.work }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.throttled(g.address, g.name) {
		return errThrottled
	}
	a.mu.Lock()
	hash, known := a.hashes[g.name]
	a.mu.Unlock()
	if !known {
		hash = a.nobody // takes as long as an account that exists
	}
	if err := bcrypt.CompareHashAndPassword(hash, []byte(g.password)); err != nil || !known {
		a.failed(g.address, g.name)
		return errCredentials
	}
	return nil
}

// session finds the session of a token.
func (a *Accounts) session(token string) (Session, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[sha256.Sum256([]byte(token))]
	return s, ok && a.now().Before(s.Expires)
}

// logOut ends the session of a token.
func (a *Accounts) logOut(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, sha256.Sum256([]byte(token)))
}

// sameCSRF compares in constant time.
func (s Session) sameCSRF(sent string) bool {
	return subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(sent)) == 1
}

// prune forgets what has expired; if that is not enough, the session that ends first. mu is held.
func (a *Accounts) prune() {
	now := a.now()
	var first [sha256.Size]byte
	for token, s := range a.sessions {
		if !now.Before(s.Expires) {
			delete(a.sessions, token)
		} else if f, ok := a.sessions[first]; !ok || s.Expires.Before(f.Expires) {
			first = token
		}
	}
	if len(a.sessions) >= maxSessions {
		delete(a.sessions, first)
	}
	for key := range a.fails {
		if a.recent(key) == 0 {
			delete(a.fails, key)
		}
	}
}

func failKey(address, name string) string { return address + "\x00" + name }

// throttled says whether an account or an address has to wait.
func (a *Accounts) throttled(address, name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.recent(failKey(address, name)) >= failsTogether || a.recent(failKey(address, "")) >= failsAddress ||
		a.recent(failKey("", name)) >= failsAccount
}

// failed counts a wrong password.
func (a *Accounts) failed(address, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.prune()
	for _, key := range []string{failKey(address, name), failKey(address, ""), failKey("", name)} {
		a.fails[key] = append(a.fails[key], a.now())
	}
}

// recent counts the failures of a key that still matter, and forgets the others. mu is held.
func (a *Accounts) recent(key string) int {
	times, since := a.fails[key], a.now().Add(-failsFor)
	for len(times) > 0 && times[0].Before(since) {
		times = times[1:]
	}
	if len(times) > 0 {
		a.fails[key] = times
	}
	return len(times)
}
