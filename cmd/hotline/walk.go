package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// walkHelp is shown before the call; every key is one character.
const walkHelp = `键盘就是电话:0-9 * # 为按键,h 挂机,_ 不等了(当作超时)。
呼叫别人时:a 接听,b 忙,d 拒接,x 不通,m 语音信箱接听,_ 无人接听。通话中:f 对方挂机,h 自己挂机。
录音时:每个字母算说一秒,s 沉默五秒,# 或 h 结束。
`

// newWalkCommand plays a flow at the keyboard: no Asterisk, no sound, a real office on
// a database that is thrown away.
func newWalkCommand() *cobra.Command {
	var (
		set      settings
		from, at string
	)
	cmd := &cobra.Command{
		Use:     "walk",
		Short:   "用键盘走一遍通话流程 / play a flow at the keyboard",
		Example: "  hotline walk --profile zz --at 2026-11-23T22:30",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			when, err := parseMoment(at)
			if err != nil {
				return err
			}
			h, err := loadHouse(set)
			if err != nil {
				return err
			}
			restore, err := rawTerminal(cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer restore()
			return walk(cmd.Context(), walker{house: h, in: cmd.InOrStdin(), out: cmd.OutOrStdout(), from: from, at: when})
		},
	}
	set.bindHouse(cmd.Flags())
	cmd.Flags().StringVar(&from, "from", "13800000001", "calling number")
	cmd.Flags().StringVar(&at, "at", "", "time in Asia/Shanghai, 2026-11-23T22:30 (default: now)")
	return cmd
}

// rawTerminal lets single keys through without Enter; a pipe needs nothing.
func rawTerminal(in io.Reader) (restore func(), err error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}, nil
	}
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	return func() { _ = term.Restore(int(f.Fd()), state) }, nil // nothing can be done about it
}

// walker is one walk: a hotline, a keyboard, a screen, and when.
type walker struct {
	house house
	in    io.Reader
	out   io.Writer
	from  string
	at    time.Time
}

// walk makes one call and returns when it is over.
func walk(ctx context.Context, w walker) error {
	dir, err := os.MkdirTemp("", "hotline-walk-")
	if err != nil {
		return fmt.Errorf("walk: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	store, err := sqlstore.Open(ctx, filepath.Join(dir, "walk.db"))
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // it is about to be removed
	clk := newClock()
	clk.Set(w.at)
	log := slog.New(slog.DiscardHandler)
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: w.house.policy, Calendar: w.house.calendar, Now: clk.Now, Log: log})
	routes, err := ivr.NewRoutes([]ivr.Trunk{{Name: "trunk1", Simulated: true}, {Name: "trunk2", Simulated: true}}, nil)
	if err != nil {
		return err
	}
	plan, err := ivr.PlanEmergency(w.house.profile, routes, false)
	if err != nil {
		return err
	}
	prompts := written{w.house.prompts.Script()}
	phone := newWalkPhone(w)
	desks := ivr.NewDesks(clk.Now)
	desks.Plan(w.house.profile.Desks)
	runner, err := ivr.NewRunner(ivr.Config{
		Flow: w.house.flow, Profile: w.house.profile, Prompts: prompts, Emergency: plan, Routes: routes, Clock: clk, Log: log,
		Orders: office, Inquiry: office, Book: office, Roster: w.house.roster, Desks: desks, Alarm: phone, NewID: callID,
	})
	if err != nil {
		return err
	}
	phone.print("%s", walkHelp)
	go phone.read(bufio.NewReader(w.in))
	runner.Serve(ctx, phone)
	return showRecord(ctx, phone, store)
}

// showRecord prints what the call left behind.
func showRecord(ctx context.Context, phone *walkPhone, store *sqlstore.Store) error {
	calls, err := store.Calls(context.WithoutCancel(ctx), dispatch.Filter{})
	if err != nil {
		return err
	}
	for _, c := range calls {
		missed := ""
		if c.Missed {
			missed = "(计漏接)"
		}
		phone.print("—— 话单:%s %s%s\n", c.Outcome, c.Detail, missed)
	}
	orders, err := store.Orders(context.WithoutCancel(ctx), dispatch.Filter{})
	if err != nil {
		return err
	}
	for _, o := range orders {
		phone.print("—— 工单:%s(%s,%s)查询码 %s,最迟 %s\n", o.Number, dispatch.TypeWords[o.Type], o.Summary, o.PIN,
			o.Due.At.Add(-time.Second).In(dispatch.Place).Format(time.DateOnly))
	}
	return nil
}

// written is the catalogue as text: what a caller would hear, to be read.
type written struct{ script *voice.Script }

// Has reports whether there is a prompt.
func (w written) Has(id string) bool {
	_, ok := w.script.Prompts[id]
	return ok
}

// slotMark is a slot in a prompt's text.
var slotMark = regexp.MustCompile(`\{[a-z]+\}`)

// Compose fills the slots of a text; its one sound is the text itself.
func (w written) Compose(lang, id string, slots ivr.Slots) (ivr.Speech, error) {
	p, ok := w.script.Prompts[id]
	if !ok {
		return ivr.Speech{}, fmt.Errorf("prompt %q: %w", id, voice.ErrUnknown)
	}
	text := slotMark.ReplaceAllStringFunc(p.Text(lang), func(mark string) string { return slots[mark[1:len(mark)-1]] })
	if text == "" {
		text = "♪" // a tone
	}
	return ivr.Speech{Sounds: []string{text}, Length: time.Second, Text: text}, nil
}
