package rig

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"hotline/asterisk/conf"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// CallbackToken is the secret in the path at which the carrier calls a hotline back that
// has a link to its HTTP interface.
const CallbackToken = "development-only-no-secret"

func (r *Rig) carrier() *exec.Cmd {
	return r.program("carrier", append([]string{"--sip", Local(r.Ports.CarrierSIP), "--sip2", Local(r.Ports.CarrierSIP2),
		"--smpp", Local(r.Ports.SMPP), "--cmpp", Local(r.Ports.CMPP), "--http", r.at[Carrier],
		"--http-sms", Local(r.Ports.HTTPSMS), "--http-sms-back", "http://" + Local(r.Ports.HTTPBack) + "/" + CallbackToken,
		"--hotline", Local(r.Ports.SIP), "--number", r.Asterisk.Hotline, "--sounds", r.Sounds, "--keys", r.House.Keys}, r.Config.Carrier...)...)
}

// serve starts a controller. Passwords go by the environment, which other users of the
// machine cannot read.
func (r *Rig) serve(node string) *exec.Cmd {
	me := controller(node)
	env := append(r.Environ(), "HOTLINE_SIMULATED="+strings.Join(trunks, ","), fmt.Sprintf("HOTLINE_TRUNKS=%s=%s,%s=%s",
		trunks[0], r.Cluster.Through(me, "trunk", Local(r.Ports.CarrierSIP)),
		trunks[1], r.Cluster.Through(me, "trunk-2", Local(r.Ports.CarrierSIP2))))
	cmd := r.program("hotline", "serve", "--profile", r.House.ID, "--run-dir", r.nodeDir(node), "--sounds", r.Sounds,
		"--redis", r.redisURL(me), "--http", r.at[me], "--smpp", r.Cluster.Through(me, "smpp", Local(r.Ports.SMPP)),
		"--drain", r.Drain.String(), "--demo", fmt.Sprintf("--dev=%t", r.Dev), "--asterisk-dir", r.Asterisk.Dir)
	if len(r.Switches) == 1 {
		cmd.Args = append(cmd.Args, "--ari", "http://"+r.ari(me, 0), "--ari-user", r.Asterisk.ARIUser)
	} else {
		var all []string
		for i, s := range r.Switches {
			at := url.URL{Scheme: "http", User: url.UserPassword(s.ARIUser, s.ARIPass), Host: r.ari(me, i)}
			all = append(all, fmt.Sprintf("%s=%s,dir=%s", nth(Asterisk, i), at.String(), s.Dir))
		}
		env = append(env, "HOTLINE_SWITCH="+strings.Join(all, ";"))
	}
	if len(r.Cluster.Nodes) > 1 {
		cmd.Args = append(cmd.Args, "--node", node)
	}
	if r.Cluster.Postgres {
		cmd.Args = append(cmd.Args, "--db", r.DatabaseURL(me))
	}
	cmd.Env = append(env, r.Env...)
	return cmd
}

// ari is where a controller finds the REST interface of the ith Asterisk.
func (r *Rig) ari(from string, i int) string {
	return r.Cluster.Through(from, nth(Asterisk, i), Local(r.Switches[i].ARIPort))
}

// Environ tells a program of ours where everything is.
func (r *Rig) Environ() []string {
	return append(append(os.Environ(), r.Ports.Environ()...),
		"HOTLINE_ARI_PASS="+r.Asterisk.ARIPass, "HOTLINE_ADMIN_PASSWORD="+r.Password,
		"HOTLINE_PROFILE="+r.House.ID, "HOTLINE_RUN_DIR="+r.Dir, "HOTLINE_SOUNDS="+r.Sounds)
}

// accepts asks whether somebody listens.
func accepts(addr string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return false
		}
		c.Close()
		return true
	}
}

// answers asks whether a page is served with 200.
func answers(addr, page string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+page, nil)
		return err == nil && saysOK(req)
	}
}

// asteriskReady asks for the channels, which Asterisk refuses until it is fully booted.
func asteriskReady(s conf.Config) func(context.Context) bool {
	return func(ctx context.Context) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+Local(s.ARIPort)+"/ari/channels", nil)
		if err != nil {
			return false
		}
		req.SetBasicAuth(s.ARIUser, s.ARIPass)
		return saysOK(req)
	}
}

func saysOK(req *http.Request) bool {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// trunks are the carrier's two ways into the simulated network.
var trunks = []string{"carrier", "carrier2"}

// asteriskConfig is the Asterisk of a rig: two trunks into the carrier, the desks of
// the profile at the carrier's phones, and the fallback for when the hotline is away.
func asteriskConfig(c Config, name string) (conf.Config, error) {
	paths, err := conf.ReadPaths(filepath.Join(c.Repo, ".cache", "asterisk.paths"))
	if err != nil {
		return conf.Config{}, fmt.Errorf("asterisk is not brought in; run sh deploy/bring/bring.sh: %w", err)
	}
	cfg := conf.Config{
		Dir: filepath.Join(c.Dir, name), Modules: paths["ASTERISK_MODULES"], Data: paths["ASTERISK_DATA"],
		Sounds: c.Sounds, Bind: c.Bind, Allow: c.Allow, ARIPass: rand.Text(),
		Claim: c.Claim, Hotline: c.House.Profile.Number, Events: c.Cluster.Events,
		Trunks: []conf.Trunk{
			{Name: trunks[0], Addr: c.Cluster.Through(name, "trunk", Local(c.Ports.CarrierSIP))},
			{Name: trunks[1], Addr: c.Cluster.Through(name, "trunk-2", Local(c.Ports.CarrierSIP2))},
		},
	}
	for _, l := range c.House.Profile.Lines {
		cfg.Lines = append(cfg.Lines, l.Number)
	}
	for _, d := range c.House.Profile.Desks {
		cfg.Desks = append(cfg.Desks, conf.Desk{Name: d.Name, Addr: c.Cluster.Through(name, "trunk", Local(c.Ports.CarrierSIP))})
	}
	// The dialplan stays with the officers of this moment until the next start.
	cfg.Fallback = fallback(c.House.Profile, c.House.Roster.At(time.Now()))
	cfg.Fallback.Prompts = fallbackPrompts(c.House.Prompts)
	if beep, err := c.House.Prompts.Path("zh", ivr.PromptBeep); err == nil {
		cfg.Beep = beep
	}
	return cfg, nil
}

// fallback gives the dialplan the ways out that work without us (D4).
func fallback(p *ivr.Profile, s dispatch.Shift) conf.Fallback {
	f := conf.Fallback{Emergency: map[string]string{}, MaxSeconds: int(p.Voicemail.Max.Seconds())}
	for _, e := range p.Emergency.Services {
		f.Emergency[string(e.Key)] = strings.Join(dialsOf(e.Number), ",")
	}
	for _, o := range append(s.Duty, s.Backup...) {
		f.Duty = append(f.Duty, dialsOf(o.Phone)[0])
	}
	for _, o := range s.Leader {
		f.Leader = append(f.Leader, dialsOf(o.Phone)[0])
	}
	return f
}

// dialsOf is a number on each trunk, the preferred one first.
func dialsOf(number string) []string {
	var dials []string
	for _, t := range trunks {
		dials = append(dials, "PJSIP/"+number+"@"+t)
	}
	return dials
}

// fallbackPrompts finds the rendered prompts of the dialplan by the names it knows. A
// prompt that is not rendered is left out; the dialplan goes on without it.
func fallbackPrompts(catalogue *voice.Catalogue) map[string]string {
	found := map[string]string{}
	for name, id := range map[string]string{
		"sorry": "fallback-sorry", "emergency-menu": "fallback-emergency-menu", "duty-accept": "duty-accept",
		"dial-directly": "fallback-dial-directly", "leave-message": "fallback-leave-message",
	} {
		if p, err := catalogue.Path("zh", id); err == nil {
			found[name] = p
		}
	}
	return found
}
