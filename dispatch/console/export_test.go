package console

import (
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Cheapen makes passwords as cheap to check as bcrypt allows: tests log in often, and
// the race detector makes that a hundred times slower.
func (a *Accounts) Cheapen() {
	hash, err := bcrypt.GenerateFromPassword([]byte("nobody's"), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	a.cost, a.nobody = bcrypt.MinCost, hash
}

// Hasten lets the console lose its patience soon, so that a test need not wait.
func (c *Console) Hasten(patience time.Duration) { c.patience = patience }
