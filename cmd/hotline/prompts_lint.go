package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"hotline/ivr/voice"
)

func newPromptsLintCommand(f *promptFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "lint",
		Short: "检查提示文本与录音 / check texts and sounds",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalogue, err := f.load()
			if err != nil {
				return err
			}
			files, err := deployed(f.deploy)
			if err != nil {
				return err
			}
			used, err := usedPrompts(files)
			if err != nil {
				return err
			}
			problems := append(catalogue.Script().Lint(used), catalogue.LintSounds()...)
			return printProblems(cmd, problems)
		},
	}
}

// printProblems lists the findings and fails if one of them is a fault.
func printProblems(cmd *cobra.Command, problems []voice.Problem) error {
	count := map[voice.Severity]int{}
	for _, p := range problems {
		count[p.Severity]++
		fmt.Fprintln(cmd.OutOrStdout(), p)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "prompts: %d faults, %d warnings, %d notes\n",
		count[voice.Fault], count[voice.Warning], count[voice.Note])
	if count[voice.Fault] > 0 {
		return errReported
	}
	return nil
}
