// Command carrier is the development phone company: everything a hotline has on its
// other side, in one process on one machine.
//
// Two SIP trunks answer as 110, 119, 120, 122, 12395 and 12333, as mobiles of duty officers and
// as desk phones; each line follows a script that can be changed while it runs. An SMSC
// and an ISMG take the hotline's texts over SMPP and CMPP, and an interface like the clouds'
// over HTTP, and send receipts. A web page shows handsets: a person
// reads the texts there, answers them with a click, and places test calls with a keypad.
// An HTTP API does the same for programs and keeps the carrier's own record of every
// call, so that a test need not believe the hotline's.
//
// The SMSC and the ISMG misbehave on request: each knob of smstest.KnobTable is a flag here,
// a field of GET and PATCH /api/knobs, and a row of the page.
//
// All numbers are simulated. Nothing here can reach a real telephone: calls are placed
// to the one address given by --hotline and to nowhere else.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"hotline/sms/smstest"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code: 0 stopped by a signal, 1 failed, 2 wrong flags.
func run(args []string) int {
	var cfg config
	flags := flag.NewFlagSet("carrier", flag.ContinueOnError)
	flags.StringVar(&cfg.SIP[0], "sip", "127.0.0.1:5070", "first trunk, UDP")
	flags.StringVar(&cfg.SIP[1], "sip2", "127.0.0.1:5071", "second trunk, UDP")
	flags.StringVar(&cfg.SMPP, "smpp", "127.0.0.1:2775", "SMSC, TCP")
	flags.StringVar(&cfg.SMPPTLS, "smpp-tls", "", "the SMSC speaks TLS, with a certificate made now for its address and localhost, which is written to this file in PEM")
	flags.StringVar(&cfg.CMPP, "cmpp", "127.0.0.1:7890", "ISMG, TCP; anybody may log in with the secret \""+ismgSecret+"\"")
	flags.StringVar(&cfg.HTTPSMS, "http-sms", "127.0.0.1:8091", "HTTP interface for texts, TCP; requests are signed with the secret \""+cloudSecret+"\"")
	flags.StringVar(&cfg.HTTPStyle, "http-sms-style", smstest.CloudAliyun, "whose HTTP interface it is like: aliyun, tencent or plain")
	flags.StringVar(&cfg.HTTPBack, "http-sms-back", "", "where the hotline is called back: URL before /receipts and /texts; without it everything waits to be pulled")
	flags.StringVar(&cfg.HTTP, "http", "127.0.0.1:8090", "page of handsets and API")
	flags.StringVar(&cfg.Hotline, "hotline", "127.0.0.1:5060", "SIP address test calls go to")
	flags.StringVar(&cfg.Number, "number", "12345", "number test calls dial")
	flags.StringVar(&cfg.Keys, "keys", "", "what the menu's keys do, for the page's keypad: 按1 求助, 按2 投诉")
	flags.StringVar(&cfg.Sounds, "sounds", "", "folder of rendered prompts, to tell which is heard")
	cfg.bindKnobs(flags)
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := open(ctx, cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, "carrier:", err)
		return 1
	}
	defer c.close()
	cfg.Log.Info("carrier is up; every number is simulated", "sip", c.trunks[0].Addr(), "sip2", c.trunks[1].Addr(),
		"smpp", c.smsc.Addr(), "cmpp", c.ismg.Addr(), "http", c.cloud.Addr(), "page", "http://"+c.web.Addr().String()+"/")
	<-ctx.Done()
	return 0
}
