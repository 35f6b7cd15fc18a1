// Command hotline is the government service hotline: it answers the calls, keeps the
// work orders, sends the texts and shows the console. One binary does everything;
// `hotline serve` runs it, the other commands look, check and explain.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main with an exit code: 0 done, 1 failed, and what failed is on stderr.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRootCommand()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, "hotline:", err)
		}
		return 1
	}
	return 0
}

// errReported is returned by a command that has already told the user what is wrong.
var errReported = errors.New("already reported")

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "hotline",
		Short:         "政务服务热线 / a government service hotline on Asterisk",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newServeCommand(),
		newGateCommand(),
		newUpCommand(),
		newDemoCommand(),
		newCheckCommand(),
		newPolicyCommand(),
		newExplainCommand(),
		newWalkCommand(),
		newFlowCommand(),
		newPromptsCommand(),
		newPhoneCommand(),
		newSwitchesCommand(),
		newBlockCommand(),
		newRedCommand(),
		newSMSCommand(),
		newOrderCommand(),
		newAuditCommand(),
		newCalendarCommand(),
		newConformanceCommand(),
		newReplayCommand(),
		newImportCommand(),
		newExportCommand(),
	)
	return root
}
