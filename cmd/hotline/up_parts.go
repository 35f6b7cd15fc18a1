package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
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

// command is how a part is started, and how to see that it is ready.
func (r *rig) command(name string) (*exec.Cmd, func(context.Context) bool) {
	switch name {
	case partRedis:
		return r.redis(), r.accepts(r.Ports.Redis)
	case partAsterisk:
		return r.program("asterisk", "-f", "-C", conf.Main(r.Asterisk.Dir)), r.asteriskReady
	case partCarrier:
		return r.carrier(), r.answers(r.Ports.CarrierWeb, "/")
	default:
		return r.serve(), r.answers(r.Ports.HTTP, "/readyz")
	}
}

// redis keeps what it was told through a crash (a second at most is lost) and refuses
// rather than forgets when memory ends.
func (r *rig) redis() *exec.Cmd {
	return r.program("redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(r.Ports.Redis),
		"--dir", filepath.Join(r.Dir, "redis"), "--appendonly", "yes", "--appendfsync", "everysec",
		"--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no")
}

func (r *rig) carrier() *exec.Cmd {
	return r.program("carrier", "--sip", local(r.Ports.CarrierSIP), "--sip2", local(r.Ports.CarrierSIP2),
		"--smpp", local(r.Ports.SMPP), "--http", local(r.Ports.CarrierWeb),
		"--hotline", local(r.Ports.SIP), "--number", r.Asterisk.Hotline, "--sounds", r.Sounds, "--keys", menuKeys(r.hotline.flow))
}

// serve starts the hotline itself. Passwords go by the environment, which other users
// of the machine cannot read.
func (r *rig) serve() *exec.Cmd {
	cmd := r.program("hotline", "serve", "--profile", r.Profile, "--run-dir", r.Dir, "--sounds", r.Sounds,
		"--redis", local(r.Ports.Redis), "--http", local(r.Ports.HTTP), "--ari", "http://"+local(r.Ports.ARI),
		"--ari-user", r.Asterisk.ARIUser, "--asterisk-dir", r.Asterisk.Dir,
		"--smpp", local(r.Ports.SMPP), "--drain", r.Drain.String(), fmt.Sprintf("--dev=%t", r.Dev),
		"--trunks", strings.Join(upTrunks, ","), "--simulated", strings.Join(upTrunks, ","))
	cmd.Env = append(r.environ(), r.Env...)
	return cmd
}

// environ tells a program of ours where everything is.
func (r *rig) environ() []string {
	return append(append(os.Environ(), r.Ports.environ()...),
		"HOTLINE_ARI_PASS="+r.Asterisk.ARIPass, "HOTLINE_ADMIN_PASSWORD="+r.Password,
		"HOTLINE_PROFILE="+r.Profile, "HOTLINE_RUN_DIR="+r.Dir, "HOTLINE_SOUNDS="+r.Sounds)
}

// accepts asks whether somebody listens.
func (r *rig) accepts(port int) func(context.Context) bool {
	return func(ctx context.Context) bool {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", local(port))
		if err != nil {
			return false
		}
		c.Close()
		return true
	}
}

// answers asks whether a page is served with 200.
func (r *rig) answers(port int, page string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+local(port)+page, nil)
		return err == nil && saysOK(req)
	}
}

// asteriskReady asks for the channels, which Asterisk refuses until it is fully booted.
func (r *rig) asteriskReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+local(r.Ports.ARI)+"/ari/channels", nil)
	if err != nil {
		return false
	}
	req.SetBasicAuth(r.Asterisk.ARIUser, r.Asterisk.ARIPass)
	return saysOK(req)
}

func saysOK(req *http.Request) bool {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// upTrunks are the carrier's two ways into the simulated network.
var upTrunks = []string{"carrier", "carrier2"}

// asteriskConfig is the Asterisk of a rig: two trunks into the carrier, the desks of
// the profile at the carrier's phones, and the fallback for when the hotline is away.
func asteriskConfig(c rigConfig, h house) (conf.Config, error) {
	paths, err := conf.ReadPaths(filepath.Join(c.Repo, ".cache", "asterisk.paths"))
	if err != nil {
		return conf.Config{}, fmt.Errorf("asterisk is not brought in; run sh deploy/bring/bring.sh: %w", err)
	}
	cfg := conf.Config{
		Dir: filepath.Join(c.Dir, "asterisk"), Modules: paths["ASTERISK_MODULES"], Data: paths["ASTERISK_DATA"],
		Sounds: c.Sounds, Bind: c.Bind, SIPPort: c.Ports.SIP, ARIPort: c.Ports.ARI, ARIPass: rand.Text(),
		Hotline: h.profile.Number,
		Trunks: []conf.Trunk{
			{Name: upTrunks[0], Addr: local(c.Ports.CarrierSIP)},
			{Name: upTrunks[1], Addr: local(c.Ports.CarrierSIP2)},
		},
	}
	for _, d := range h.profile.Desks {
		cfg.Desks = append(cfg.Desks, conf.Desk{Name: d.Name, Addr: local(c.Ports.CarrierSIP)})
	}
	// The dialplan stays with the officers of this moment until the next start.
	cfg.Fallback = fallback(h.profile, h.roster.At(time.Now()))
	cfg.Fallback.Prompts = fallbackPrompts(h.prompts)
	return conf.Defaults(cfg), nil
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
	for _, t := range upTrunks {
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
