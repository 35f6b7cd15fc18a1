package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/cmd/rig"
)

// nextDay is when finished orders are asked about: the day after, in waking hours.
var nextDay = storyDay.Add(24 * time.Hour)

// surveyMark is what only the question has in it.
const surveyMark = "非常不满意"

// finish makes an order by text, completes it and waits for its question and window.
func (w *world) finish(ctx context.Context, phone, request string) (requested, texted, error) {
	r, err := w.request(ctx, phone, request)
	if err != nil {
		return r, texted{}, err
	}
	if err := w.completed(ctx, r.Number); err != nil {
		return r, texted{}, err
	}
	q, err := w.question(ctx, phone, r.Number)
	return r, q, err
}

// completed sets the type that a text did not say and completes the order, twice.
func (w *world) completed(ctx context.Context, number string) error {
	if err := w.console.post(ctx, "/api/v1/orders/"+number+"/type", map[string]string{"type": "help"}, nil); err != nil {
		return err
	}
	if err := w.console.complete(ctx, number, "已派人修复。"); err != nil {
		return err
	}
	if err := w.console.complete(ctx, number, "已派人修复。"); err == nil {
		w.says("重复办结被接受但不再发短信 / completing twice changes nothing")
	}
	w.says("办结 / completed %s", number)
	return nil
}

// question waits for an order's survey text and its window, and proves that there is one.
func (w *world) question(ctx context.Context, phone, number string) (texted, error) {
	if _, err := w.console.survey(ctx, number); err != nil {
		return texted{}, err
	}
	var questions []texted
	err := eventually(ctx, func(ctx context.Context) error { // its receipt opens the window, and may be first
		all, err := w.carrier.texts(ctx, phone)
		questions = slices.DeleteFunc(all, func(t texted) bool {
			return !strings.Contains(t.Text, surveyMark) || !strings.Contains(t.Text, number)
		})
		if err == nil && len(questions) == 0 {
			err = fmt.Errorf("no survey text about %s", number)
		}
		return err
	})
	if err != nil {
		return texted{}, err
	}
	if len(questions) != 1 {
		return texted{}, fmt.Errorf("%d survey texts about %s, not one", len(questions), number)
	}
	for _, option := range []string{"非常满意", "满意", "基本满意", "不满意", "非常不满意"} {
		if !strings.Contains(questions[0].Text, option) {
			return texted{}, fmt.Errorf("the survey text lacks %s: %s", option, questions[0].Text)
		}
	}
	if n, err := w.carrier.submitted(ctx, surveyMark, number); err != nil || n != 1 {
		return texted{}, fmt.Errorf("%d submits of the survey about %s on the wire, not one (%v)", n, number, err)
	}
	w.says("收到 / receives: %s (来自 / from %s)", questions[0].Text, questions[0].Peer)
	return questions[0], nil
}

// answer replies to a survey text, to the very number it came from.
func (w *world) answer(ctx context.Context, phone string, q texted, text string) error {
	w.says("回复 / answers: %s", text)
	return w.carrier.write(ctx, phone, q.Peer, text)
}

// playSurvey: one text, "２" in full width, satisfied, archived.
func playSurvey(ctx context.Context, w *world) error {
	if err := w.clockTo(ctx, nextDay); err != nil {
		return err
	}
	r, q, err := w.finish(ctx, textNumber, "小区门口积水,请疏通。")
	if err != nil {
		return err
	}
	if err := w.answer(ctx, textNumber, q, "２"); err != nil {
		return err
	}
	o, err := w.console.order(ctx, r.Number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 2), want("outcome", o.Outcome, "rated"), want("state", o.State, "archived"))
	})
	if err == nil {
		w.says("评价 %d,%s / rated and archived", o.Rating, o.State)
	}
	return err
}

// playDissatisfied: an invalid attempt leaves the window open, then 不满意 opens a callback.
func playDissatisfied(ctx context.Context, w *world) error {
	const phone = "13812340002"
	r, q, err := w.finish(ctx, phone, "公交站台顶棚漏雨。")
	if err != nil {
		return err
	}
	if err := w.answer(ctx, phone, q, "1 2"); err != nil {
		return err
	}
	if err := w.console.happened(ctx, r.Number, "invalid_attempt"); err != nil {
		return err
	}
	w.says("记为无效,窗口仍开 / noted as invalid, the window stays open")
	if err := w.answer(ctx, phone, q, "不满意"); err != nil {
		return err
	}
	if _, err := w.console.order(ctx, r.Number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 4), want("state", o.State, "callback"))
	}); err != nil {
		return err
	}
	_, err = newest(ctx, w.console, "/api/v1/callbacks", func(c struct{ Order string }) error {
		return want("callback's order", c.Order, r.Number)
	})
	if err == nil {
		w.says("生成回访任务 / a callback task is open")
	}
	return err
}

// playWindow: the last second counts, the next does not, and Redis is flushed between.
func playWindow(ctx context.Context, w *world) error {
	const onTime, tooLate = "13812340003", "13812340004"
	a, qa, err := w.finish(ctx, onTime, "路口信号灯不亮。")
	if err != nil {
		return err
	}
	b, qb, err := w.finish(ctx, tooLate, "健身器材损坏。")
	if err != nil {
		return err
	}
	if err := w.flushRedis(ctx); err != nil {
		return err
	}
	sa, err := w.console.survey(ctx, a.Number)
	if err != nil {
		return err
	}
	if err := w.clockStands(ctx, sa.Deadline); err != nil { // the answer may take longer than a second
		return err
	}
	if err := w.answer(ctx, onTime, qa, "3"); err != nil {
		return err
	}
	if _, err := w.console.order(ctx, a.Number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 3), want("state", o.State, "archived"))
	}); err != nil {
		return err
	}
	w.says("+24:00:00 有效 / counts")
	sb, err := w.console.survey(ctx, b.Number)
	if err != nil {
		return err
	}
	if err := w.clockTo(ctx, sb.Deadline.Add(time.Second)); err != nil {
		return err
	}
	if err := w.answer(ctx, tooLate, qb, "1"); err != nil {
		return err
	}
	return w.tooLate(ctx, b.Number, tooLate)
}

// tooLate waits for a late reply to be kept and the survey to end unrated, and proves
// that nothing was sent again.
func (w *world) tooLate(ctx context.Context, number, phone string) error {
	if err := w.console.happened(ctx, number, "late_reply"); err != nil {
		return err
	}
	if err := w.forward(ctx, 2*time.Minute); err != nil {
		return err
	}
	if _, err := w.console.order(ctx, number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 0), want("outcome", o.Outcome, "unrated"), want("state", o.State, "archived"))
	}); err != nil {
		return err
	}
	w.says("+24:00:01 逾期,留痕,未评价 / late: kept, and unrated")
	texts, err := w.carrier.texts(ctx, phone)
	if err != nil {
		return err
	}
	n := 0
	for _, t := range texts {
		if strings.Contains(t.Text, surveyMark) {
			n++
		}
	}
	return want("survey texts on "+phone, n, 1)
}

// flushRedis empties the rig's Redis, as a lost disk would.
func (w *world) flushRedis(ctx context.Context) error {
	c := redis.NewClient(&redis.Options{Addr: rig.Local(w.ports.Redis)})
	defer c.Close()
	if err := c.FlushAll(ctx).Err(); err != nil {
		return fmt.Errorf("flush redis: %w", err)
	}
	w.says("Redis 已清空 / Redis flushed")
	return nil
}
