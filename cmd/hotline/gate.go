package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"hotline/asterisk"
	"hotline/asterisk/conf"
	"hotline/asterisk/gate"
)

// gateAgain is after how long a gatekeeper that ended is started again.
const gateAgain = time.Second

// newGateCommand is the gatekeeper of one Asterisk, which serve starts: a process of its
// own, since Asterisk would go on refusing calls if the controller died and nobody opened.
func newGateCommand() *cobra.Command {
	var dir string
	var endpoints []string
	cmd := &cobra.Command{
		Use:    "gate",
		Short:  "来电过多或停接时拒接新来电(由 serve 启动) / refuse new calls while there are too many or none are wanted; serve starts it",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			go func() {
				_, _ = io.Copy(io.Discard, cmd.InOrStdin()) // ends with the controller, however that ends
				cancel()
			}()
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)).With("part", "gate", "asterisk", dir)
			g := gate.New(gate.Config{Control: gate.Control(conf.Socket(dir)), Endpoints: endpoints,
				Draining: asterisk.DrainingVariable, Log: log})
			return gate.Keep(ctx, filepath.Join(dir, "run", "gate.lock"), g)
		},
	}
	cmd.Flags().StringVar(&dir, "asterisk-dir", "", "Asterisk's own folder")
	cmd.Flags().StringSliceVar(&endpoints, "endpoints", nil, "PJSIP endpoints of calls that come in")
	return cmd
}

// keepGates has a gatekeeper for each Asterisk whose folder, and so whose control socket, is
// on this machine, also for those that come later. Of those that several controllers start
// for one, one works.
func (a *app) keepGates(ctx context.Context) error {
	var kept sync.WaitGroup
	defer kept.Wait()
	for _, p := range a.set.places {
		if !socketHere(p) {
			a.log.Warn("an Asterisk of another machine: nobody refuses calls that are too many", "switch", p.Name)
		}
	}
	gates := map[string]bool{} // by folder
	for {
		for _, p := range a.roll.local(ctx) {
			if gates[p.Dir] || !socketHere(p) {
				continue
			}
			gates[p.Dir] = true
			kept.Go(func() { a.keepGate(ctx, p) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(importEvery):
		}
	}
}

// socketHere reports whether p's control socket has its folder on this machine.
func socketHere(p place) bool {
	if p.Dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Dir(conf.Socket(p.Dir)))
	return err == nil
}

func (a *app) keepGate(ctx context.Context, p place) {
	for ctx.Err() == nil {
		if err := startGate(ctx, p.Dir, conf.Inbound(a.set.Trunks)); ctx.Err() == nil {
			a.log.Error("gatekeeper ended", "switch", p.Name, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(gateAgain):
		}
	}
}

// startGate runs a gatekeeper until ctx ends. It is in a session of its own: what ends the
// controller's whole group leaves it alive for as long as it takes to open.
func startGate(ctx context.Context, dir string, endpoints []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("gatekeeper: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "gate", "--asterisk-dir", dir, "--endpoints", strings.Join(endpoints, ","))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stderr = os.Stderr
	alive, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("gatekeeper: %w", err)
	}
	cmd.Cancel = alive.Close
	cmd.WaitDelay = 5 * time.Second
	return cmd.Run()
}
