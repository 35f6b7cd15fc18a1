package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"hotline/cmd/replay"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

// newReplayCommand plays one made-up year to several hotlines and shows how their rules differ.
func newReplayCommand() *cobra.Command {
	var (
		dir, page, from string
		seed            uint64
		orders          int
	)
	cmd := &cobra.Command{
		Use:     "replay [profile...]",
		Short:   "用同一年的虚拟诉求并排比较几家办法 / one made-up year under several regulations, side by side",
		Example: "  hotline replay zq xz --orders 2000 --html .run/replay.html",
		RunE: func(cmd *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				ids = []string{"zq", "xz"}
			}
			if orders < 1 || orders > 100_000 {
				return fmt.Errorf("--orders %d: 1 to 100000", orders)
			}
			begin, err := time.ParseInLocation(time.DateOnly, from, dispatch.Place)
			if err != nil {
				return fmt.Errorf("--from %q is no day: write it like 2025-09-01", from)
			}
			year := replay.Year(seed, orders, begin)
			var all []replay.Figures
			for _, id := range ids {
				f, err := replayOne(cmd, dir, id, year)
				if err != nil {
					return err
				}
				all = append(all, f)
			}
			rows := replay.Table(all)
			replay.Print(cmd.OutOrStdout(), rows)
			return replayPage(page, rows, fmt.Sprintf("自 %s 起一年,%d 件,种子 %d", from, orders, seed))
		},
	}
	bindDeploy(cmd.Flags(), &dir)
	cmd.Flags().StringVar(&page, "html", "", "write the table as an HTML page too")
	cmd.Flags().StringVar(&from, "from", "2025-09-01", "first day of the year that is played")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "the same seed gives the same year")
	cmd.Flags().IntVar(&orders, "orders", 1000, "requests in the year")
	return cmd
}

// replayOne plays the year to one hotline, on a database of its own that is thrown away.
func replayOne(cmd *cobra.Command, dir, id string, year []replay.Request) (replay.Figures, error) {
	files, hotlines, err := hotlinesOf(dir)
	if err != nil {
		return replay.Figures{}, err
	}
	policy, err := dispatch.LoadPolicy(hotlines, path.Join(id, "policy.yaml"))
	if err != nil {
		return replay.Figures{}, err
	}
	days, err := calendar.LoadDir(files, "calendar")
	if err != nil {
		return replay.Figures{}, err
	}
	tmp, err := os.MkdirTemp("", "replay-")
	if err != nil {
		return replay.Figures{}, fmt.Errorf("a place for the database: %w", err)
	}
	defer os.RemoveAll(tmp)
	return replay.Play(cmd.Context(), replay.Hotline{Policy: policy, Calendar: days, File: filepath.Join(tmp, id+".db")}, year)
}

// replayPage writes the page for people, if it is asked for.
func replayPage(name string, rows []replay.Row, how string) error {
	if name == "" {
		return nil
	}
	var b bytes.Buffer
	if err := replay.Page(&b, rows, how); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}
