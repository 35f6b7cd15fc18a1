package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// mount gives recordings and spools small file systems of their own, so that they can be
// full while nothing else is.
func (t *town) mount() error {
	var dirs []string
	for _, s := range t.rig.Switches {
		for _, d := range []string{"recording", "fallback"} {
			dir, err := filepath.EvalSymlinks(filepath.Join(s.Dir, "spool", d))
			if err != nil {
				return err
			}
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	for _, p := range t.controllers() {
		dirs = append(dirs, t.spool(p))
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); errors.Is(err, syscall.EPERM) {
			fmt.Fprintln(t.out, "no disk can be full here: mounting is not permitted")
			return nil
		} else if err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
		t.disks = append(t.disks, dir)
		t.close = append(t.close, func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
	return nil
}

// spool is where a controller keeps what waits for SQL.
func (t *town) spool(part string) string {
	if t.o.Nodes == 1 {
		return filepath.Join(t.dir, "spool")
	}
	return filepath.Join(t.dir, part, "spool")
}
