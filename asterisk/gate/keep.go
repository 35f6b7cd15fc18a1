package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// retake is how often a gate that another one keeps is tried.
const retake = 100 * time.Millisecond

// Keep runs the gate once nobody else keeps it, which file says by its lock: the kernel
// gives that up when a keeper dies, and the next one begins by doing what the calls of the
// moment demand. It returns when ctx ends.
func Keep(ctx context.Context, file string, g *Gate) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	defer f.Close()
	tick := time.NewTicker(retake)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			g.Run(ctx)
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("gate: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
