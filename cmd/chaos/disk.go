package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// mount gives recordings and spools small file systems of their own, so that they can be
// full while nothing else is.
func (t *town) mount() error {
	var dirs []string
	for _, s := range t.rig.Switches {
		dirs = append(dirs, filepath.Join(s.Dir, "spool"))
	}
	for _, p := range t.controllers() {
		dir := t.dir
		if t.o.Nodes > 1 {
			dir = filepath.Join(t.dir, p)
		}
		dirs = append(dirs, filepath.Join(dir, "spool"))
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
	return t.restore()
}

// restore makes the folders again that the mounts hide.
func (t *town) restore() error {
	for _, s := range t.rig.Switches {
		for _, d := range []string{"recording", "fallback"} {
			if err := os.MkdirAll(filepath.Join(s.Dir, "spool", d), 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}
