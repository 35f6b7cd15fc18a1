package voice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// maxTone bounds a tone; the ring-back's five seconds are the longest in use.
const maxTone = 30 * time.Second

// lock lets one build at a time work in a folder, whatever process it is in. The
// kernel gives the lock back when a process dies.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("sounds folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("sounds folder: %w", err)
	}
	got := make(chan error, 1)
	go func() { got <- syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }()
	select {
	case err = <-got:
	case <-ctx.Done():
		go func() { // the lock comes when the other build ends, and is given back at once
			<-got
			_ = f.Close()
		}()
		return nil, fmt.Errorf("wait for another build: %w", ctx.Err())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sounds folder: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// sweep removes sound files that no manifest given names, and says how many.
func sweep(dir string, manifests ...Manifest) (int, error) {
	named := map[string]bool{}
	for _, m := range manifests {
		for _, s := range m.Sounds {
			named[s.Hash] = true
		}
	}
	removed := 0
	var faults []error
	for _, lang := range Languages() {
		err := filepath.WalkDir(filepath.Join(dir, lang), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			hash, _, _ := strings.Cut(d.Name(), ".")
			if named[hash] {
				return nil
			}
			removed++
			return os.Remove(path)
		})
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return removed, fmt.Errorf("remove old sounds: %w", err)
	}
	return removed, nil
}
