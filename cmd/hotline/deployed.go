package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"hotline/deploy"
)

// deployed is the folder a hotline is configured with: hotlines/, prompts/ and
// calendar/. Without a name it is what was built in.
func deployed(dir string) (fs.FS, error) {
	if dir == "" {
		return deploy.Files, nil
	}
	for _, part := range []string{"hotlines", "prompts", "calendar"} {
		if st, err := os.Stat(filepath.Join(dir, part)); err != nil || !st.IsDir() {
			return nil, fmt.Errorf("--deploy %s: no folder %s in it; it should look like deploy/ of the source", dir, part)
		}
	}
	return os.DirFS(dir), nil
}

// hotlinesOf is deployed, and the folder of hotlines in it.
func hotlinesOf(dir string) (files, hotlines fs.FS, err error) {
	if files, err = deployed(dir); err == nil {
		hotlines, err = fs.Sub(files, "hotlines")
	}
	return files, hotlines, err
}

// bindDeploy gives a command that looks at a configuration its flag. Whoever stands in a
// checkout has just edited ./deploy and wants to know about that, not about what was
// built in some time ago.
func bindDeploy(f *pflag.FlagSet, dir *string) {
	here := os.Getenv("HOTLINE_DEPLOY")
	if _, err := deployed("deploy"); here == "" && err == nil {
		here = "deploy"
	}
	f.StringVar(dir, "deploy", here, "folder of hotlines, prompts and calendar (HOTLINE_DEPLOY; else ./deploy if there is one, else built in)")
}

// bindHouse gives a command that looks at one hotline its flags.
func (s *settings) bindHouse(f *pflag.FlagSet) {
	bindDeploy(f, &s.Deploy)
	f.StringVar(&s.Profile, "profile", envOr("HOTLINE_PROFILE", "zz"), "hotline to look at: zz, sq, kf, zq, xz")
	f.StringVar(&s.Sounds, "sounds", envOr("HOTLINE_SOUNDS", ".cache/sounds"), "folder of rendered prompts")
}
