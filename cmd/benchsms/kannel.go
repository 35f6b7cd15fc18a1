package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"text/template"
	"time"

	"hotline/cmd/gauge"
	"hotline/cmd/rig"
)

// kannel is Kannel at work: bearerbox, which has the store and the link, and smsbox, which
// takes texts over HTTP and hears of receipts.
type kannel struct {
	bearerbox, smsbox *rig.Process
	sendsms           string // URL
}

// kannelConf is its configuration. The store is the durable one, a file for each text in a
// spool; logs say warnings alone, and no receipt is passed on to an application: all of it
// to its advantage. What is not named is as Kannel has it, such as 10 submits at once.
var kannelConf = template.Must(template.New("kannel").Parse(`group = core
admin-port = {{.Admin}}
admin-password = hotline
smsbox-port = {{.Box}}
box-allow-ip = 127.0.0.1
log-file = "{{.Dir}}/bearerbox.log"
log-level = 2
store-type = spool
store-location = "{{.Dir}}/spool"
dlr-storage = internal
sms-resend-freq = 1

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {{.SMPP}}
transceiver-mode = true
smsc-username = "900001"
smsc-password = "hotline"
system-type = ""
max-pending-submits = 10
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {{.HTTP}}
log-file = "{{.Dir}}/smsbox.log"
log-level = 2

group = sendsms-user
username = hotline
password = hotline
concatenation = true
max-messages = 10

group = sms-service
keyword = default
text = ""
omit-empty = true
max-messages = 0
`))

// kannelSite is what fills the configuration.
type kannelSite struct {
	Dir                    string
	SMPP, Admin, Box, HTTP int
}

// startKannel starts both programs on an empty spool and returns when texts can be given.
func startKannel(ctx context.Context, repo string, site kannelSite) (_ *kannel, err error) {
	if err := os.MkdirAll(filepath.Join(site.Dir, "spool"), 0o755); err != nil {
		return nil, err
	}
	conf := filepath.Join(site.Dir, "kannel.conf")
	file, err := os.Create(conf)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(kannelConf.Execute(file, site), file.Close()); err != nil {
		return nil, err
	}
	k := &kannel{sendsms: "http://" + rig.Local(site.HTTP) + "/cgi-bin/sendsms"}
	defer func() {
		if err != nil {
			k.stop()
		}
	}()
	launch := func(program string, port int) (*rig.Process, error) {
		log := filepath.Join(site.Dir, program+".out")
		out, err := os.Create(log)
		if err != nil {
			return nil, err
		}
		defer out.Close()
		cmd := exec.Command(filepath.Join(repo, ".cache", "bin", program), "-v", "4", conf)
		cmd.Dir, cmd.Stdout, cmd.Stderr = site.Dir, out, out
		p, err := rig.Launch(program, cmd, log)
		if err != nil {
			return nil, fmt.Errorf("kannel is not brought in (sh deploy/bring/bring.sh kannel): %w", err)
		}
		return p, gauge.AwaitPort(ctx, p, port)
	}
	if k.bearerbox, err = launch("bearerbox", site.Box); err != nil {
		return nil, err
	}
	if k.smsbox, err = launch("smsbox", site.HTTP); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *kannel) stop() {
	for _, p := range []*rig.Process{k.smsbox, k.bearerbox} {
		if p != nil {
			p.Stop(10*time.Second, nil)
		}
	}
}

// cpu is what it took so far.
func (k *kannel) cpu() time.Duration {
	return gauge.CPUTime(k.bearerbox.Pid()) + gauge.CPUTime(k.smsbox.Pid())
}

// feeders is how many give texts at once before a round.
const feeders = 8

// give puts texts into the spool; receipts are asked for if they shall be.
func (k *kannel) give(ctx context.Context, texts int, receipts bool) error {
	fixed := url.Values{"username": {"hotline"}, "password": {"hotline"}, "from": {number}, "coding": {"2"}, "charset": {"UTF-8"},
		"text": {"【政务服务热线】" + words}}
	if receipts {
		fixed.Set("dlr-mask", "31")
	}
	query := fixed.Encode()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: feeders}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	errs := make([]error, feeders)
	var all sync.WaitGroup
	for f := range feeders {
		all.Go(func() {
			for n := f; n < texts && errs[f] == nil; n += feeders {
				errs[f] = giveOne(ctx, client, k.sendsms+"?"+query+"&to="+handset(n))
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// giveOne is one text. While the carrier is away Kannel answers 202, "queued".
func giveOne(ctx context.Context, client *http.Client, at string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		return errors.Join(fmt.Errorf("kannel answers %s: %s", res.Status, answer), err)
	}
	return nil
}

// spooled counts the texts that Kannel still keeps.
func spooled(dir string) (n int) {
	_ = filepath.WalkDir(filepath.Join(dir, "spool"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return nil
	})
	return n
}
