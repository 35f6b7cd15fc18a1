package sqlstore

import "hotline/dispatch"

var identities = table[dispatch.Identity]{"identities", columns("order_number kind sealed verified actor at"),
	func(i *dispatch.Identity) []any {
		return []any{&i.Order, &i.Kind, &i.Sealed, (*flag)(&i.Verified), &i.Actor, (*stamp)(&i.At)}
	}}

// SaveIdentity is dispatch.LifeTx.
func (t *tx) SaveIdentity(i dispatch.Identity) error {
	if i.Sealed == nil {
		i.Sealed = []byte{}
	}
	_, err := t.exec(identities.insertSQL(`ON CONFLICT (order_number) DO UPDATE SET kind = excluded.kind, sealed = excluded.sealed,
		verified = excluded.verified, actor = excluded.actor, at = excluded.at`), identities.fields(&i)...)
	return err
}

// IdentityOf is dispatch.LifeTx.
func (t *tx) IdentityOf(order string) (dispatch.Identity, error) {
	i, err := one(t.conn, identities, "WHERE order_number = ?", order)
	return found(i, err, "identity of", order)
}
