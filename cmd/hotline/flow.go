package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"hotline/ivr/svg"
)

// newFlowCommand looks at flows.
func newFlowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flow",
		Short: "查看通话流程 / look at a flow",
	}
	cmd.AddCommand(newFlowGraphCommand())
	return cmd
}

// newFlowGraphCommand draws the flow of a hotline as SVG on standard output.
func newFlowGraphCommand() *cobra.Command {
	var set settings
	cmd := &cobra.Command{
		Use:     "graph",
		Short:   "把通话流程画成 SVG / draw a flow as SVG",
		Example: "  hotline flow graph --profile zz > flow.svg",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := loadHouse(set)
			if err != nil {
				return fmt.Errorf("run `hotline check %s`: %w", set.Profile, err)
			}
			return svg.Draw(cmd.OutOrStdout(), h.flow, h.profile)
		},
	}
	set.bindHouse(cmd.Flags())
	return cmd
}
