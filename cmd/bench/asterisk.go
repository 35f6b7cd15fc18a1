package main

import (
	"context"
	"errors"
	"fmt"
	random "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"hotline/asterisk/conf"
	"hotline/deploy/ports"
)

// startAsterisk renders the configuration of a hotline, adds what the other contenders
// need, and returns once Asterisk answers.
func (r *rig) startAsterisk(ctx context.Context, o options, s *site) error {
	paths, err := conf.ReadPaths(filepath.Join(o.Repo, ".cache", "asterisk.paths"))
	if err != nil {
		return fmt.Errorf("asterisk is not brought in (make parts): %w", err)
	}
	free, err := ports.Free(3)
	if err != nil {
		return err
	}
	rtp := 10000 + 2*random.IntN(1000)
	cfg := conf.Defaults(conf.Config{
		Dir: filepath.Join(r.dir, "asterisk"), Modules: paths["ASTERISK_MODULES"], Data: paths["ASTERISK_DATA"],
		Sounds: s.Sounds, SIPPort: free[0], ARIPort: free[1], RTPStart: rtp, RTPEnd: rtp + 8000, ARIPass: s.Pass,
		Calls:  1200, // the most that is held, and some
		Claim:  o.Claim,
		Trunks: []conf.Trunk{{Name: trunkOne, Addr: r.carrier.Addr()}, {Name: trunkTwo, Addr: r.carrier.Addr()}},
	})
	s.ARI, s.AGI = address(free[1]), address(free[2])
	r.sip = address(free[0])
	if err := conf.Render(cfg); err != nil {
		return err
	}
	if err := invite(cfg.Dir, *s); err != nil {
		return err
	}
	console, err := os.Create(filepath.Join(r.dir, "asterisk.log"))
	if err != nil {
		return err
	}
	defer console.Close()
	cmd := exec.Command(paths["ASTERISK_BIN"], "-f", "-C", conf.Main(cfg.Dir))
	cmd.Stdout, cmd.Stderr = console, console
	if r.asterisk, err = spawn(cmd); err != nil {
		return err
	}
	r.closers = append(r.closers, r.asterisk.stop)
	version, _ := exec.CommandContext(ctx, paths["ASTERISK_BIN"], "-V").Output() // only for the report
	r.version = strings.TrimSpace(string(version))
	return r.awaitAsterisk(ctx, *s)
}

// invite appends to Asterisk's files what the contenders besides Hotline need.
func invite(dir string, s site) error {
	for file, text := range map[string]string{
		"modules.conf": "load = res_speech.so\nload = res_agi.so\n",
		"extensions.conf": strings.NewReplacer("DIR", s.Sounds, "AGI_ADDRESS", s.AGI, "STOCK", stockApp, "BARE", bareApp,
			"70001", numberDialplan, "70002", numberAGI, "70003", numberStock, "70004", numberBare).Replace(benchDialplan),
	} {
		f, err := os.OpenFile(filepath.Join(dir, "etc", file), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("\n" + text)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// benchDialplan serves the call by itself and leads to the FastAGI server and to ari/v5.
const benchDialplan = `[hotline-in](+)
exten => 70001,1,Goto(bench-welcome,s,1)
exten => 70002,1,AGI(agi://AGI_ADDRESS)
 same => n,Hangup()
exten => 70003,1,Stasis(STOCK)
 same => n,Hangup()
exten => 70004,1,StasisBroadcast(500,^BARE-,inbound)
 same => n,Hangup()

[bench-welcome]
exten => s,1,Answer()
 same => n,Background(DIR/one)
 same => n,WaitExten(5)
exten => 1,1,Goto(bench-choice,s,1)
exten => 2,1,Playback(DIR/held)
 same => n,Hangup()

[bench-choice]
exten => s,1,Background(DIR/two)
 same => n,WaitExten(5)
exten => 1,1,Playback(DIR/three)
 same => n,Hangup()
`

// awaitAsterisk asks for the list of channels until every module is running.
func (r *rig) awaitAsterisk(ctx context.Context, s site) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !answers(ctx, s) {
		select {
		case <-r.asterisk.gone:
			return errors.New("asterisk ended at once")
		case <-ctx.Done():
			return fmt.Errorf("asterisk does not answer: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
	return nil
}

func answers(ctx context.Context, s site) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.ARI+"/ari/channels", nil)
	if err != nil {
		return false
	}
	req.SetBasicAuth(s.User, s.Pass)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
