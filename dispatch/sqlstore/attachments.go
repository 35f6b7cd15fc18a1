package sqlstore

import (
	"context"

	"hotline/dispatch"
)

var attachments = table[dispatch.Attachment]{"attachments",
	columns("id order_number name media size sha256 unit actor at"),
	func(a *dispatch.Attachment) []any {
		return []any{&a.ID, &a.Order, &a.Name, &a.Media, &a.Size, &a.SHA256, &a.Unit, &a.Actor, (*stamp)(&a.At)}
	}}

// InsertAttachment is dispatch.LifeTx.
func (t *tx) InsertAttachment(a dispatch.Attachment, content []byte) error {
	if _, err := t.exec(attachments.insertSQL(""), attachments.fields(&a)...); err != nil {
		return err
	}
	_, err := t.exec("INSERT INTO attachment_bytes (id, content) VALUES (?, ?)", a.ID, content)
	return err
}

// attached are an order's files, oldest first.
const attached = "WHERE order_number = ? ORDER BY at, id"

// AttachmentsOf is dispatch.LifeTx.
func (t *tx) AttachmentsOf(order string) ([]dispatch.Attachment, error) {
	return many(t.conn, attachments, attached, order)
}

// Attachments is dispatch.Reader.
func (s *Store) Attachments(ctx context.Context, order string) ([]dispatch.Attachment, error) {
	return many(s.reader(ctx), attachments, attached, order)
}

// AttachmentBytes is dispatch.Reader.
func (s *Store) AttachmentBytes(ctx context.Context, id string) ([]byte, error) {
	var content []byte
	err := s.reader(ctx).row([]any{&content}, "SELECT content FROM attachment_bytes WHERE id = ?", id)
	return found(content, err, "attachment", id)
}
