package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/oklog/ulid/v2"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smpp"
)

// gatewayTask is what a gateway has to do.
type gatewayTask struct {
	DB          string // as of sqlstore.Open
	Proto       string
	Addr        string
	Connections int           // of a CMPP link; 0: one
	Haste       time.Duration // its clock runs so many times as fast as the wall's; 0: as fast
	Profile     string        // file for a CPU profile; empty: none
}

// playGateway is Hotline's side of the bench: the outbox, the gateway and the link as
// `hotline serve` wires them. It begins when it hears "go" and ends with its input.
func playGateway(ctx context.Context, s *stage) (err error) {
	var task gatewayTask
	if err := json.Unmarshal(s.task, &task); err != nil {
		return err
	}
	store, err := sqlstore.Open(ctx, task.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	gateway, err := newGateway(store, task)
	if err != nil {
		return err
	}
	if err := s.out.Encode("ready"); err != nil || !s.heard("go") {
		return err
	}
	if task.Profile != "" {
		file, err := os.Create(task.Profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		s.heard("") // nothing more is said
		stop()
	}()
	return gateway.Run(ctx)
}

// newGateway wires a gateway as cmd/hotline does, with the same defaults.
func newGateway(store *sqlstore.Store, task gatewayTask) (*sms.Gateway, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	var clock sms.Clock = wall{}
	if task.Haste > 1 {
		clock = &hasty{began: time.Now(), times: task.Haste}
	}
	link, err := newLink(task, clock, log)
	if err != nil {
		return nil, err
	}
	office := dispatch.NewOffice(dispatch.Config{Store: store, Now: clock.Now, Log: log})
	return sms.NewGateway(sms.Config{
		Outbox: store, Inbox: store, Transports: []sms.Transport{link}, Clock: clock, Log: log, Signature: "【政务服务热线】",
		OnMoved: office.TextMoved, OnInbound: office.TakeText,
	})
}

func newLink(task gatewayTask, clock sms.Clock, log *slog.Logger) (sms.Transport, error) {
	// A hasty clock must not take an answer for lost that only a busy machine holds up.
	patience := 30 * time.Second * max(1, task.Haste)
	if task.Proto == overCMPP {
		return cmpp.New(cmpp.Config{
			Name: "cmpp", Addr: task.Addr, User: user, Secret: secret, Version: cmpp.V30, Numbers: []string{number},
			Connections: max(1, task.Connections), Receipts: true, Response: patience, Connect: patience, Write: patience,
			Probe: patience, Clock: clock, Log: log,
		})
	}
	return smpp.New(smpp.Config{
		Name: "smpp", Addr: task.Addr, SystemID: user, Password: secret, Numbers: []string{number}, Receipts: true,
		Response: patience, Connect: patience, Write: patience, Enquire: patience, Clock: clock, Log: log,
	})
}

// wall is the machine's time.
type wall struct{}

// Now is sms.Clock.
func (wall) Now() time.Time { return time.Now() }

// AfterFunc is sms.Clock.
func (wall) AfterFunc(d time.Duration, f func()) (stop func() bool) { return time.AfterFunc(d, f).Stop }

// hasty is a time that runs faster than the machine's, so that a claim that runs out after
// two minutes, and the ten that a text of unknown outcome waits for its receipt, are over in
// seconds.
type hasty struct {
	began time.Time
	times time.Duration
}

// Now is sms.Clock.
func (c *hasty) Now() time.Time { return c.began.Add(time.Since(c.began) * c.times) }

// AfterFunc is sms.Clock.
func (c *hasty) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d/c.times, f).Stop
}

// words is the text of all rounds: with the signature one segment of 60 characters.
const words = "您反映的事项已办结,工单编号20261127000123,如有疑问请拨打12345查询办理结果。"

// handset is the number of the nth text's receiver.
func handset(n int) string { return fmt.Sprintf("138%08d", n) }

// fill writes texts into an outbox, as if what causes them had happened just now.
func fill(ctx context.Context, db string, texts int) (err error) {
	store, err := sqlstore.Open(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for from := 0; from < texts; from += 1000 {
		err := store.Tx(ctx, func(tx dispatch.Tx) error {
			for n := from; n < min(from+1000, texts); n++ {
				m := sms.Message{
					ID: ulid.Make().String(), Key: fmt.Sprint("bench:", n), Kind: sms.KindNotice, To: handset(n), Text: words,
					Priority: 2, CreatedAt: time.Now().UTC(), Status: sms.Queued,
				}
				if err := tx.Enqueue(m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill the outbox: %w", err)
		}
	}
	return nil
}

// profileOf names the file for a round's profile.
func (o options) profileOf(contender string, round int) string {
	if o.Profile == "" {
		return ""
	}
	return filepath.Join(o.Profile, fmt.Sprintf("%s-%d.pprof", contender, round))
}
