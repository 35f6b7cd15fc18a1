package dispatch

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"hotline/sms"
)

// slip makes the 呈批件处理签 of an order that is urgent or major, where the policy has one
// (KF-3.1.6): it waits on the leaders' list, is texted to the leader on duty, and lies with
// the order as a file to be printed. One that waits already is not made twice.
func (u *unit) slip(order Order, why Urgency) error {
	if _, ok := u.office.policy.Life.Asks[ForSlip]; !ok {
		return nil
	}
	_, err := u.WaitingReview(order.Number, order.attempt(), ForSlip)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	reason := cut(cmp.Or(why.Reason, order.Summary, "紧急事项"), maxSummary)
	return u.put(order, why.Actor, Putting{Kind: ForSlip, Reason: reason})
}

// presentSlip puts the slip's file to the order and tells the leaders of it.
func (u *unit) presentSlip(order Order, r Review, phones []string) error {
	all, err := u.AttachmentsOf(order.Number)
	if err != nil {
		return fmt.Errorf("attachments of %s: %w", order.Number, err)
	}
	p := Paper{Name: fmt.Sprintf("呈批件处理签-%s-%d.txt", order.Number, len(all)+1), Content: []byte(u.slipText(order, r))}
	a, err := p.named()
	if err != nil {
		return err
	}
	a.ID, a.Order, a.Actor, a.At = u.id(), order.Number, r.AskedBy, u.now
	if err := u.InsertAttachment(a, p.Content); err != nil {
		return err
	}
	slots := order.slots()
	slots["matter"] = "呈批件处理签已生成,请批示"
	for _, phone := range phones {
		m := sms.Message{Key: "slip:" + a.ID + ":" + phone, Kind: sms.KindDuty, Ref: order.Number, To: phone,
			Text: fill(cmp.Or(u.office.policy.Texts.Notice, noticeText), slots), Priority: firstPriority}
		if err := u.send(m); err != nil {
			return err
		}
	}
	return nil
}

// slipText is the slip as it is printed. Who informed in confidence is not on it (KF-3.1.5).
func (u *unit) slipText(order Order, r Review) string {
	name, phone, matter, reason := cmp.Or(order.Name, "未留姓名"), cmp.Or(sms.Mask(order.Phone), "未留电话"), order.Summary, r.Reason
	if order.Confidential {
		name, phone, matter, reason = "(保密)", "(保密)", "(内容保密,请在系统内查看)", "(内容保密)"
	}
	due := "未定"
	if !order.Due.At.IsZero() {
		due = order.Due.Words()
	}
	lines := []string{u.office.policy.Hotline.Name, "呈批件处理签", "",
		"工单编号:" + order.Number, "呈报时间:" + u.now.In(Place).Format("2006年1月2日 15:04"), "呈报人:" + r.AskedBy,
		"来话人:" + name, "联系电话:" + phone, "事项类型:" + TypeWords[order.Type], "办理期限:" + due, "承办单位:" + r.Suggestion, "",
		"来话内容:", matter, "", "呈报事由:", reason, "", "拟办意见:", "", "", "领导批示:", "", "", "签名:                日期:", ""}
	return strings.Join(lines, "\n")
}
