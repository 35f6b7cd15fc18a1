package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
	"hotline/dispatch"
	"hotline/ivr/voice"
)

// scene is one step of a citizen's day. The demo plays all of them and stops at the
// first that does not go as told; the end-to-end test plays the same.
type scene struct {
	name string
	play func(ctx context.Context, w *world) error
}

// story is the day, in order: each scene starts from what the ones before left.
var story = []scene{
	{"白天来电,按 3 咨询,座席接听,双向通话 / a call by day", playDay},
	{"欢迎语中按 9 再按 2,120 接听 / an emergency in mid-prompt", playEmergency},
	{"120 占线,改走第二中继 / busy: the second trunk", playEmergencyBusy},
	{"两条中继都不通,播报并呼叫带班领导 / both down: spoken advice, the leader is called", playEmergencyDown},
	{"短信诉求,凭单号与查询码查询,错三次锁定 / a text becomes an order; query and lock", playQuery},
	{"举报件只播保密语 / an informant's order tells nothing", playConfidential},
	{"22:30 值班链,无人接听,留言按 # 紧急,呼带班领导 / night: the duty chain, an urgent message", playNight},
	{"太短的留言、静音、上限、挂断 / messages: too short, silence, the limit, hanging up", playMessages},
	{"办结后一条评价短信,回「２」满意归档 / one survey text; \"２\" archives", playSurvey},
	{"「1 2」无效,「不满意」转回访 / invalid, then dissatisfied: a callback", playDissatisfied},
	{"24 小时整有效,多一秒逾期;Redis 清空不受影响 / the last second; Redis flushed", playWindow},
}

// world is everything around the hotline: the carrier's lines and handsets, the console
// as a person uses it, the clock, and a citizen's phone.
type world struct {
	ports   rig.Ports
	carrier *carrierClient
	console *consoleClient
	citizen *sipphone.Phone
	sounds  *sipphone.Index
	out     io.Writer
}

// The people of the story. All numbers are simulated.
const (
	citizenNumber = "13812345678"
	textNumber    = "13812340001"
	dutyNumber    = "13900000001"
	backupNumber  = "13900000002"
	leaderNumber  = "13900000003"
	deputyNumber  = "13900000004"
)

// storyDay is the working day the story begins on, a Monday.
var storyDay = time.Date(2026, 11, 23, 10, 0, 0, 0, dispatch.Place)

// sceneLimit bounds a scene, so that a story that hangs says where.
const sceneLimit = 3 * patience

// worldConfig is what a story needs beside the ports.
type worldConfig struct {
	sounds   string // rendered prompts
	password string // of the console
	out      io.Writer
}

// newWorld connects to a running rig.
func newWorld(ctx context.Context, p rig.Ports, c worldConfig) (*world, error) {
	w := &world{ports: p, out: c.out}
	index, err := promptIndex(c.sounds)
	if err != nil {
		return nil, err
	}
	w.sounds = index
	w.carrier = &carrierClient{jsonClient: jsonClient{base: "http://" + rig.Local(p.CarrierWeb)}}
	w.console = &consoleClient{jsonClient: jsonClient{base: "http://" + rig.Local(p.HTTP)}, password: c.password}
	if err := w.console.logIn(ctx); err != nil {
		return nil, err
	}
	w.citizen, err = sipphone.Listen(ctx, sipphone.Config{Addr: "127.0.0.1:0", Number: citizenNumber, Index: index})
	return w, err
}

// promptIndex knows every rendered sound by its prompt's id.
func promptIndex(sounds string) (*sipphone.Index, error) {
	index := sipphone.NewIndex()
	words, err := voice.Learn(sounds, index.AddFile)
	if err == nil && len(words) == 0 {
		err = fmt.Errorf("no rendered prompts in %s: run make prompts", sounds)
	}
	return index, err
}

// perform plays scenes in order and stops at the first that fails, naming it.
func (w *world) perform(ctx context.Context, scenes []scene) error {
	for i, s := range scenes {
		fmt.Fprintf(w.out, "\n%d/%d %s\n", i+1, len(scenes), s.name)
		if err := w.performOne(ctx, s); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, s.name, err)
		}
	}
	return nil
}

func (w *world) performOne(ctx context.Context, s scene) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sceneLimit, errors.New("took too long"))
	defer cancel()
	return s.play(ctx, w)
}

// says tells the audience what was heard, seen or sent.
func (w *world) says(format string, args ...any) {
	fmt.Fprintf(w.out, "    "+format+"\n", args...)
}

// dial calls the hotline and returns once it has answered.
func (w *world) dial(ctx context.Context, from string) (*sipphone.Session, error) {
	s, err := w.citizen.Call(ctx, "sip:12345@"+rig.Local(w.ports.SIP), sipphone.CallOptions{From: from})
	if err != nil {
		return nil, fmt.Errorf("call 12345 from %s: %w", from, err)
	}
	return s, nil
}

// hears waits for prompts in this order and tells them.
func (w *world) hears(ctx context.Context, s *sipphone.Session, prompts ...string) error {
	for _, id := range prompts {
		ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not heard in %v", patience))
		_, err := s.Ear().WaitPrompt(ctx, id)
		if err != nil {
			err = fmt.Errorf("%w; heard %s", err, transcript(s))
		}
		cancel()
		if err != nil {
			return err
		}
		w.says("听到 / heard: %s", id)
	}
	return nil
}

// transcript lists what a session heard, for error messages.
func transcript(s *sipphone.Session) string {
	var ids []string
	for _, h := range s.Ear().Heard() {
		ids = append(ids, h.ID)
	}
	if len(ids) == 0 {
		return "nothing"
	}
	return strings.Join(ids, " ")
}

// clockTo moves the hotline's clock to an instant.
func (w *world) clockTo(ctx context.Context, t time.Time) error {
	w.says("时钟拨到 / clock set to %s", t.In(dispatch.Place).Format("2006-01-02 15:04:05"))
	return w.console.post(ctx, "/dev/clock", map[string]string{"set": t.Format(time.RFC3339Nano)}, nil)
}

// clockStands stops the hotline's clock at an instant, until it is set again.
func (w *world) clockStands(ctx context.Context, t time.Time) error {
	w.says("时钟停在 / clock stands at %s", t.In(dispatch.Place).Format("2006-01-02 15:04:05"))
	return w.console.post(ctx, "/dev/clock", map[string]string{"stand": t.Format(time.RFC3339Nano)}, nil)
}

// forward lets time pass; what falls due happens.
func (w *world) forward(ctx context.Context, d time.Duration) error {
	w.says("快进 / fast-forward %v", d)
	return w.console.post(ctx, "/dev/clock", map[string]string{"advance": d.String()}, nil)
}
