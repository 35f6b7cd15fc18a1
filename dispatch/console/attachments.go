package console

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"

	"hotline/dispatch"
)

type attachBody struct {
	seen
	Name string `json:"name"`
	File string `json:"file"`
}

// most is what a file of the largest size is in base64, with the rest of its request.
func (attachBody) most() int64 { return dispatch.MaxAttachment/3*4 + maxBody }

// uploads is how many commands with large bodies there are at a time: each body is in memory
// several times over.
const uploads = 2

func (b attachBody) paper() (dispatch.Paper, error) {
	content, err := base64.StdEncoding.DecodeString(b.File)
	if err != nil {
		return dispatch.Paper{}, unfit("file", "不是 base64")
	}
	return dispatch.Paper{Name: b.Name, Content: content}, nil
}

type attachmentView struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Media  string     `json:"media"`
	Size   int64      `json:"size"`
	SHA256 string     `json:"sha256"`
	Unit   string     `json:"unit"`
	Actor  string     `json:"actor"`
	At     *time.Time `json:"at"`
}

func viewAttachment(a dispatch.Attachment, o dispatch.Order) attachmentView {
	return attachmentView{ID: a.ID, Name: conceal(a.Name, o), Media: a.Media, Size: a.Size, SHA256: a.SHA256, Unit: a.Unit, Actor: a.Actor, At: moment(a.At)}
}

// attachmentsFor are those of an order that the requester may see, and the order as they see it.
func (c *Console) attachmentsFor(r request) ([]dispatch.Attachment, dispatch.Order, error) {
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return nil, o, err
	}
	all, err := c.cfg.Record.Attachments(r.Context(), o.Number)
	o = c.asShown(r, o)
	knows := slices.Contains(r.who.Account.Roles, HotlineAdmin)
	return slices.DeleteFunc(all, func(a dispatch.Attachment) bool { return !a.ShownTo(o, r.unit, knows) }), o, err
}

// attachments lists an order's files, oldest first.
func (c *Console) attachments(w http.ResponseWriter, r request) error {
	all, o, err := c.attachmentsFor(r)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, page[attachmentView]{Items: views(all, func(a dispatch.Attachment) attachmentView { return viewAttachment(a, o) })})
}

// attachment hands out one file, to be kept and never shown by the browser itself: what it
// holds is whoever's who brought it. Whoever takes one of an informant's order is in the audit
// first (KF-3.1.5).
func (c *Console) attachment(w http.ResponseWriter, r request) error {
	all, o, err := c.attachmentsFor(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(a dispatch.Attachment) bool { return a.ID == r.PathValue("id") })
	if i < 0 {
		return c.refuse(r, problem{Status: http.StatusNotFound, Detail: "没有找到", Rule: "KF-3.1.5"})
	}
	a := all[i]
	if o.Confidential {
		if err := c.cfg.Office.Audit(r.Context(), dispatch.Audit{Actor: r.actor(), Act: dispatch.ActAttachment, Subject: o.Number, Text: a.ID, Rule: "KF-3.1.5"}); err != nil {
			return err
		}
	}
	content, err := c.cfg.Record.AttachmentBytes(r.Context(), a.ID)
	if err != nil {
		return err
	}
	if plain, ok := w.(*confined); ok { // a file is no JSON, and goes as it came
		w = plain.ResponseWriter
	}
	h := w.Header()
	h.Set("Content-Type", a.Media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": conceal(a.Name, o)}))
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r.Request, "", a.At, bytes.NewReader(content))
	return nil
}

// attachments adds the order's files to its evidence; of a confidential order only what units
// brought (KF-3.1.5).
func (f *file) attachments() error {
	all, err := f.c.cfg.Record.Attachments(f.ctx, f.order.Number)
	if err != nil {
		return err
	}
	shown := make([]attachmentView, 0, len(all))
	for _, a := range all {
		if !a.ShownTo(f.order, "", false) {
			f.withheld = append(f.withheld, "附件 "+a.ID+"(KF-3.1.5)")
			continue
		}
		shown = append(shown, viewAttachment(a, f.order))
		f.parts = append(f.parts, Piece{Name: "attachments/" + a.ID + path.Ext(a.Name), Open: func() (io.ReadCloser, error) {
			content, err := f.c.cfg.Record.AttachmentBytes(f.ctx, a.ID)
			if err != nil {
				return nil, fmt.Errorf("attachment %s: %w", a.ID, err)
			}
			return io.NopCloser(bytes.NewReader(content)), nil
		}})
	}
	return f.put("attachments.json", shown)
}
