package console

import "golang.org/x/crypto/bcrypt"

// Cheapen makes passwords as cheap to check as bcrypt allows: tests log in often, and
// the race detector makes that a hundred times slower.
func (a *Accounts) Cheapen() {
	hash, err := bcrypt.GenerateFromPassword([]byte("nobody's"), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	a.cost, a.nobody = bcrypt.MinCost, hash
}
