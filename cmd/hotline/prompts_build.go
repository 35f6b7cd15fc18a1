package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hotline/ivr/voice"
)

func newPromptsBuildCommand(f *promptFlags) *cobra.Command {
	var o voice.BuildOptions
	cmd := &cobra.Command{
		Use:   "build",
		Short: "生成全部提示音(只重做有变化的) / render what is new or changed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return buildPrompts(cmd, f, o)
		},
	}
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "prompt ids to build; others stay as they are")
	cmd.Flags().BoolVar(&o.Force, "force", false, "render unchanged ones too")
	return cmd
}

func buildPrompts(cmd *cobra.Command, f *promptFlags, o voice.BuildOptions) error {
	started := time.Now()
	out := cmd.ErrOrStderr()
	bar := &progress{out: out, tty: isTerminal(out), label: "提示音"}
	studio, err := f.studio(cmd, bar.step)
	if err != nil {
		return err
	}
	defer func() { _ = studio.Close() }()
	for _, id := range o.Only {
		if !studio.Knows(id) {
			return fmt.Errorf("prompts: no prompt %q", id)
		}
	}
	for _, refused := range studio.Refused() {
		fmt.Fprintln(out, "prompts: left out:", refused)
	}
	report, err := studio.Build(cmd.Context(), o)
	bar.done()
	for _, w := range report.Warnings {
		fmt.Fprintln(out, "prompts: another voice spoke:", w)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "prompts: %d sounds, %d rendered, %d old files removed, %.1f s; %d prompts still wait for a human voice\n",
		report.Total, report.Rendered, report.Removed, time.Since(started).Seconds(), len(report.Synthetic))
	return nil
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// progress shows how far a job is: a bar that redraws itself on a terminal, a line at
// every tenth elsewhere.
type progress struct {
	out   io.Writer
	tty   bool
	label string
	tenth int
	drawn bool
}

func (p *progress) step(done, total int, what string) {
	if p.tty {
		const width = 30
		full := done * width / max(total, 1)
		fmt.Fprintf(p.out, "\r%s [%s%s] %d/%d %-28.28s", p.label, strings.Repeat("█", full), strings.Repeat("░", width-full), done, total, what)
		p.drawn = true
		return
	}
	if tenth := done * 10 / max(total, 1); tenth > p.tenth {
		p.tenth = tenth
		fmt.Fprintf(p.out, "%s %d%% (%d/%d)\n", p.label, tenth*10, done, total)
	}
}

// done ends the bar's line.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprintln(p.out)
	}
}
