package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// Seal puts an entry into the chain after the one whose hash is given; "" begins it.
func (a *Audit) Seal(seq int64, before string) {
	a.Seq = seq
	a.Hash = a.digest(before)
}

// digest is SHA-256 over the canonical form: the hash before and every field, in this
// order, each as its length in bytes, a colon and its text, so that no two different
// entries have one form. Times are microseconds since 1970.
func (a Audit) digest(before string) string {
	h := sha256.New()
	for _, field := range []string{before, strconv.FormatInt(a.Seq, 10), a.ID, strconv.FormatInt(a.At.UnixMicro(), 10),
		a.Actor, a.Act, a.Subject, a.Text, a.Rule} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// AuditHead is the end of the chain as the store keeps it beside the entries, so that the
// last of them cannot be taken away unnoticed. The zero value is an empty chain's.
type AuditHead struct {
	Seq  int64
	Hash string
}

// AuditReader reads the audit.
type AuditReader interface {
	// AuditLog lists entries, newest first; f.Order narrows it to a subject.
	AuditLog(ctx context.Context, f Filter) ([]Audit, error)
	// AuditChain lists entries whose place is after seq, in the chain's order.
	AuditChain(ctx context.Context, seq int64, limit int) ([]Audit, error)
	AuditHead(ctx context.Context) (AuditHead, error)
}

// Chain is what became of a verification.
type Chain struct {
	Entries int64     // that hold, from the first on
	Why     string    // what is wrong with the first that does not hold, in Chinese and English; "": all hold
	Broken  int64     // its place
	Head    AuditHead // the last entry that holds; write it down elsewhere, and ask for it later
	Known   bool      // the entry that was asked for is in the chain as it was
}

// auditPart is how many entries are read at once.
const auditPart = 1000

// VerifyAudit follows the chain from its first entry to its end, and says where it breaks
// first: a changed, removed, inserted or moved entry. Whoever can write the database can
// also write all of the chain anew; known, the head of an earlier verification kept
// elsewhere, shows that. Entries that are appended meanwhile are followed too.
func VerifyAudit(ctx context.Context, r AuditReader, known AuditHead) (Chain, error) {
	c := Chain{Known: known == AuditHead{}}
	from := int64(math.MinInt64) // nothing may stand before the first
	for {
		part, err := r.AuditChain(ctx, from, auditPart)
		if err != nil {
			return Chain{}, fmt.Errorf("read the audit after entry %d: %w", c.Head.Seq, err)
		}
		for _, a := range part {
			if c.follow(a); c.Why != "" {
				return c, nil
			}
			c.Known = c.Known || c.Head == known
		}
		from = c.Head.Seq
		if len(part) > 0 {
			continue
		}
		head, err := r.AuditHead(ctx)
		if err != nil {
			return Chain{}, fmt.Errorf("read the end of the audit: %w", err)
		}
		if head.Seq > c.Head.Seq { // written between the two questions, or taken away
			more, err := r.AuditChain(ctx, from, 1)
			if err != nil {
				return Chain{}, fmt.Errorf("read the audit after entry %d: %w", c.Head.Seq, err)
			}
			if len(more) > 0 {
				continue
			}
		}
		c.end(head)
		return c, nil
	}
}

// follow takes the next entry, or says that the chain breaks here.
func (c *Chain) follow(a Audit) {
	next := c.Head.Seq + 1
	switch {
	case a.Seq > next:
		c.broken(next, "记录被删除 / the entry was removed")
	case a.Seq < next:
		c.broken(a.Seq, "记录被插入 / the entry was inserted")
	case a.digest(c.Head.Hash) != a.Hash:
		c.broken(a.Seq, "记录"+a.ID+"被改动、插入或换位 / the entry was changed, inserted or moved")
	default:
		c.Entries, c.Head = c.Entries+1, AuditHead{a.Seq, a.Hash}
	}
}

// end compares the last entry with the store's own word for it.
func (c *Chain) end(head AuditHead) {
	switch {
	case head.Seq > c.Head.Seq:
		c.broken(c.Head.Seq+1, "记录被删除 / the entry was removed")
	case head.Seq < c.Head.Seq:
		c.broken(head.Seq+1, "记录被插入 / the entry was inserted")
	case head.Hash != c.Head.Hash:
		c.broken(head.Seq, "链尾不符 / the end of the chain is another")
	}
}

func (c *Chain) broken(seq int64, why string) { c.Broken, c.Why = seq, why }
