package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"hotline/cmd/rig"
)

// newDemoCommand plays a citizen's day against a rig that is running. `hotline up --demo`
// starts it beside the rig; by hand it needs the same environment.
func newDemoCommand() *cobra.Command {
	var offset int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "对运行中的热线演一遍市民的一天 / play a citizen's day by real calls and texts",
		Long: "Plays the story by real SIP calls and real texts against `hotline up --demo` (or `up --dev`), whose clock it\n" +
			"moves, and says what each side heard and got. It exits 1 naming the step that did not go as told.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := rig.PortsAt(offset)
			if err != nil {
				return err
			}
			password := os.Getenv("HOTLINE_ADMIN_PASSWORD")
			if password == "" {
				return errors.New("HOTLINE_ADMIN_PASSWORD is not set; make demo sets it")
			}
			began := time.Now()
			w, err := newWorld(cmd.Context(), p, worldConfig{sounds: envOr("HOTLINE_SOUNDS", ".cache/sounds"),
				password: password, out: cmd.OutOrStdout()})
			if err != nil {
				return err
			}
			defer w.citizen.Close()
			if err := w.perform(cmd.Context(), story); err != nil {
				return err
			}
			fmt.Fprintf(w.out, "\n全部 %d 步都如所述,用时 %v / all %d steps went as told\n", len(story), time.Since(began).Round(time.Second), len(story))
			return nil
		},
	}
	cmd.Flags().IntVar(&offset, "port-offset", 0, "as given to hotline up")
	return cmd
}
