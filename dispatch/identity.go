package dispatch

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Person is who a citizen showed to be (XZ-12.1).
type Person struct {
	Name     string
	Kind     string // of the paper, one of IdentityKinds
	Number   string // of the paper; nobody has to tell it
	Verified bool   // somebody saw the paper: never by phone
}

// IdentityKinds are the papers that are taken, and how they are called.
var IdentityKinds = map[string]string{"id_card": "居民身份证", "passport": "护照", "hk_macao": "港澳居民证件", "taiwan": "台湾居民证件",
	"credit_code": "统一社会信用代码", "other": "其他证件"}

// Identity is a person as the store keeps it: the number is sealed, and nobody who reads the
// database reads it.
type Identity struct {
	Order    string
	Kind     string
	Sealed   []byte // AES-256-GCM: nonce, then the number; empty: it was not told
	Verified bool
	Actor    string
	At       time.Time
}

// identityRule is the clause by which requests are registered with a name.
const identityRule = "XZ-12.1"

// maxIdentity is how many characters the number of a paper has at most.
const maxIdentity = 40

// Identify notes who the citizen of an order is, as far as they say it: name, paper and its
// number, which is sealed before it is stored (XZ-12.1). A request is taken without it. What
// was noted before is replaced. That a paper was seen is not believed of a call or a text.
func (o *Office) Identify(ctx context.Context, number string, by By, p Person) (Order, error) {
	p.Name, p.Number = cut(p.Name, maxName), strings.ToUpper(strings.TrimSpace(p.Number))
	return o.command(ctx, number, deed{By: by, name: "identity", do: func(u *unit, order *Order) error {
		if err := by.may(identityRule, counterDesk...); err != nil {
			return err
		}
		words, known := IdentityKinds[p.Kind]
		bad := func(field, text string) error {
			return refuse(ErrInvalid, Refusal{Field: field, Rule: identityRule, Text: text})
		}
		switch {
		case p.Name == "":
			return bad("name", "请填写姓名")
		case !known:
			return bad("kind", "没有这一种证件")
		case len(p.Number) > maxIdentity || strings.ContainsFunc(p.Number, func(r rune) bool { return r < '0' || r > '9' && r < 'A' || r > 'Z' }):
			return bad("id_number", "证件号只有数字和字母")
		case p.Verified && order.Channel != ByCounter:
			return bad("verified", "只有线下专窗能当面核验证件")
		case p.Verified && p.Number == "":
			return bad("id_number", "已核验的须填写证件号")
		case len(o.secret) == 0 && p.Number != "":
			return refuse(ErrIllegal, Refusal{Field: "id_number", Rule: identityRule, Text: "没有密钥,不能保存证件号"})
		}
		i := Identity{Order: order.Number, Kind: p.Kind, Verified: p.Verified, Actor: by.Actor, At: u.now}
		if p.Number != "" {
			var err error
			if i.Sealed, err = o.seal(order.Number, p.Number); err != nil {
				return err
			}
		}
		if err := u.SaveIdentity(i); err != nil {
			return fmt.Errorf("save identity: %w", err)
		}
		order.Name = p.Name
		text := "登记实名:" + words + ",未核验"
		if p.Verified {
			text = "登记实名:" + words + ",已当面核验"
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnNote, Rule: identityRule, Text: text})
	}})
}

// Identity shows who the citizen of an order said to be, number and all, for a reason that goes
// into the timeline and the audit (ZQ-24). An informant's is shown to nobody (ErrRole, KF-3.1.5);
// an order without one fails with ErrNotFound.
func (o *Office) Identity(ctx context.Context, number, actor, reason string) (Person, error) {
	if reason = cut(reason, maxSummary); reason == "" {
		return Person{}, refuse(ErrInvalid, Refusal{Field: "reason", Rule: "ZQ-24", Text: "请填写原因"})
	}
	var p Person
	err := o.do(ctx, func(u *unit) error {
		order, err := u.Order(number)
		if err != nil {
			return err
		}
		if order.Confidential {
			return refuse(ErrRole, Refusal{Rule: informantRule, Text: "保密件的诉求人不予显示"})
		}
		i, err := u.IdentityOf(order.Number)
		if err != nil {
			return err
		}
		p = Person{Name: order.Name, Kind: i.Kind, Verified: i.Verified}
		if len(i.Sealed) > 0 {
			if p.Number, err = o.unseal(order.Number, i.Sealed); err != nil {
				return err
			}
		}
		if err := u.audit(Audit{Actor: actor, Act: ActIdentity, Subject: order.Number, Text: reason, Rule: "ZQ-24"}); err != nil {
			return err
		}
		return u.event(Event{Number: order.Number, Actor: actor, Kind: OnNote, Rule: "ZQ-24", Text: "查看诉求人证件号:" + reason})
	})
	if err != nil {
		return Person{}, fmt.Errorf("identity of %s: %w", number, err)
	}
	return p, nil
}

// vault is the cipher of identity numbers, by a key of its own made of the hotline's secret.
func (o *Office) vault() (cipher.AEAD, error) {
	if len(o.secret) == 0 {
		return nil, errors.New("identity numbers: there is no key")
	}
	key, err := hkdf.Key(sha256.New, o.secret, nil, "hotline identity numbers", 32)
	if err != nil {
		return nil, fmt.Errorf("identity numbers: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("identity numbers: %w", err)
	}
	return cipher.NewGCM(block)
}

// seal hides a number; it belongs to its order alone, so that it cannot be moved to another.
func (o *Office) seal(order, number string) ([]byte, error) {
	v, err := o.vault()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, v.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal an identity number: %w", err)
	}
	return slices.Concat(nonce, v.Seal(nil, nonce, []byte(number), []byte(order))), nil
}

func (o *Office) unseal(order string, sealed []byte) (string, error) {
	v, err := o.vault()
	if err != nil {
		return "", err
	}
	if len(sealed) < v.NonceSize() {
		return "", errors.New("identity number: it is cut off")
	}
	text, err := v.Open(nil, sealed[:v.NonceSize()], sealed[v.NonceSize():], []byte(order))
	if err != nil {
		return "", fmt.Errorf("identity number of another key: %w", err)
	}
	return string(text), nil
}
