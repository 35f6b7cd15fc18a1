package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"
)

// Attachment is a file that belongs to an order: evidence for a refusal (ZQ-9.3), the signed
// form of an extension (ZQ-12.3), the sealed opinion (XZ-12.6), a fax (ZZ-9.1). Its bytes are
// in the store with it, so that every controller has them and no crash parts the two.
type Attachment struct {
	ID     string
	Order  string
	Name   string // as who brought it called it; it may tell who a citizen is
	Media  string // by the name's ending
	Size   int64  // bytes
	SHA256 string // of the bytes, in hexadecimal
	Unit   string // whose people brought it; empty: the hotline's
	Actor  string
	At     time.Time
}

// Bounds of what may be attached.
const (
	MaxAttachment  = 10 << 20 // bytes of one file
	maxAttachments = 40       // files of one order
)

// media are the kinds of files that are taken, by ending: papers, pictures and sounds, nothing
// that runs.
var media = map[string]string{
	".pdf": "application/pdf", ".ofd": "application/ofd", ".txt": "text/plain; charset=utf-8",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".tif": "image/tiff", ".tiff": "image/tiff",
	".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".wav": "audio/wav", ".mp3": "audio/mpeg", ".mp4": "video/mp4",
}

// Paper is a file that somebody brings.
type Paper struct {
	Name    string
	Content []byte
}

// named is an attachment as it would be called, or says what is wrong with the name.
func (p Paper) named() (Attachment, error) {
	name := cut(strings.TrimSpace(p.Name), maxName)
	kind, known := media[strings.ToLower(path.Ext(name))]
	bad := func(field, text string) (Attachment, error) {
		return Attachment{}, refuse(ErrInvalid, Refusal{Field: field, Rule: "rec", Text: text})
	}
	switch {
	case name == "" || strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl):
		return bad("name", "文件名不能为空,不能含路径")
	case !known:
		return bad("name", "只收 pdf、ofd、txt、jpg、png、tif、doc、docx、xls、xlsx、wav、mp3、mp4 文件")
	case len(p.Content) == 0:
		return bad("file", "文件是空的")
	case len(p.Content) > MaxAttachment:
		return bad("file", fmt.Sprintf("文件超过 %d MB", MaxAttachment>>20))
	}
	sum := sha256.Sum256(p.Content)
	return Attachment{Name: name, Media: kind, Size: int64(len(p.Content)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// Attach adds a file to an order that is not archived. The same file brought again by the same
// side changes nothing. The timeline says that there is one more, not what it is called: of an
// informant's order units may not learn even that (KF-3.1.5). Errors as of every command.
func (o *Office) Attach(ctx context.Context, number string, by By, p Paper) (Order, error) {
	return o.command(ctx, number, deed{By: by, name: "attach", do: func(u *unit, order *Order) error {
		if err := by.may("rec", ByAgent, ByOffice, ByDuty, ByLeader, ByUnit, ByHead); err != nil {
			return err
		}
		a, err := p.named()
		if err != nil {
			return err
		}
		if order.State == Archived {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: "rec", Text: "工单已归档,不能再加附件"})
		}
		all, err := u.AttachmentsOf(order.Number)
		if err != nil {
			return fmt.Errorf("attachments of %s: %w", order.Number, err)
		}
		for _, have := range all {
			if have.SHA256 == a.SHA256 && have.Unit == by.Unit {
				return nil
			}
		}
		if len(all) >= maxAttachments {
			return refuse(ErrInvalid, Refusal{Field: "file", Rule: "rec", Text: fmt.Sprintf("一张工单最多 %d 个附件", maxAttachments)})
		}
		a.ID, a.Order, a.Unit, a.Actor, a.At = u.id(), order.Number, by.Unit, by.Actor, u.now
		if err := u.InsertAttachment(a, p.Content); err != nil {
			return err
		}
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnAttached, Text: fmt.Sprintf("添加附件(第%d件)", len(all)+1)})
	}})
}

// ShownTo says whether somebody may see an attachment of an order that they may see: a unit's
// people, the hotline's, or of these who may know informants. What the hotline holds of an
// informant stays with the last (KF-3.1.5); what a unit brought is the hotline's and its own.
func (a Attachment) ShownTo(order Order, unit string, knows bool) bool {
	switch {
	case !order.Confidential:
		return true
	case unit != "":
		return a.Unit == unit
	}
	return a.Unit != "" || knows
}
