package main

import (
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hotline/ivr/voice"
)

// promptFlags is where prompts come from and where their sounds go.
type promptFlags struct {
	deploy     string // a folder like deploy/; empty: what is built in
	recordings string // an operator's folder of <lang>/<id>.wav
	sounds     string
	bin        string // programs brought in
}

func newPromptsCommand() *cobra.Command {
	var f promptFlags
	cmd := &cobra.Command{
		Use:   "prompts",
		Short: "录音提示：生成、检查、列出 / build, check and list what callers hear",
	}
	flags := cmd.PersistentFlags()
	bindDeploy(flags, &f.deploy)
	flags.StringVar(&f.recordings, "recordings", os.Getenv("HOTLINE_RECORDINGS"), "folder with <lang>/<id>.wav by people (HOTLINE_RECORDINGS)")
	flags.StringVar(&f.sounds, "sounds", envOr("HOTLINE_SOUNDS", ".cache/sounds"), "folder of rendered sounds (HOTLINE_SOUNDS)")
	flags.StringVar(&f.bin, "bin", envOr("HOTLINE_BIN", ".cache/bin"), "folder of the programs that speak (HOTLINE_BIN)")
	cmd.AddCommand(newPromptsBuildCommand(&f), newPromptsLintCommand(&f), newPromptsListCommand(&f))
	return cmd
}

func envOr(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

// files is the catalogue's folder.
func (f *promptFlags) files() (fs.FS, error) {
	files, err := deployed(f.deploy)
	if err != nil {
		return nil, err
	}
	return fs.Sub(files, "prompts")
}

// load reads catalogue and sounds.
func (f *promptFlags) load() (*voice.Catalogue, error) {
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	return voice.Load(files, f.sounds)
}

// studio opens a studio on the catalogue: the operator's recordings win over those
// in the catalogue's own recordings folder.
func (f *promptFlags) studio(cmd *cobra.Command, progress func(done, total int, id string)) (*voice.Studio, error) {
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	script, err := voice.ReadScript(files)
	if err != nil {
		return nil, err
	}
	cfg := voice.StudioConfig{Script: script, Dir: f.sounds, Tools: voice.Tools{Dir: f.bin}, Progress: progress}
	if f.recordings != "" {
		cfg.Recordings = append(cfg.Recordings, os.DirFS(f.recordings))
	}
	if own, err := fs.Sub(files, "recordings"); err == nil {
		cfg.Recordings = append(cfg.Recordings, own)
	}
	return voice.OpenStudio(cmd.Context(), cfg)
}

func newPromptsListCommand(f *promptFlags) *cobra.Command {
	var tokens bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "列出提示音、来源与时长 / list sounds, their source and length",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			manifest, err := voice.ReadManifest(f.sounds)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tLANG\tSOURCE\tLENGTH\tLUFS\tPEAK\tTEXT")
			for _, s := range manifest.Sounds {
				if !tokens && len(s.ID) > 4 && s.ID[:4] == "tok-" {
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%.2fs\t%.1f\t%.1f\t%s\n", s.ID, s.Lang, s.Source, s.Length().Seconds(), s.LUFS, s.Peak, s.Text)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&tokens, "tokens", false, "also the sounds numbers and dates are made of")
	return cmd
}
