package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/ivr"
)

// newExplainCommand says what would happen to a call, and why, without making it.
func newExplainCommand() *cobra.Command {
	var (
		set          settings
		from, to, at string
	)
	cmd := &cobra.Command{
		Use:     "explain",
		Short:   "说明一通电话会怎样处理、依据哪条规定 / what would happen to a call, and why",
		Example: "  hotline explain --from 13800000001 --to 12345 --at 2026-10-01T03:00",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			when, err := parseMoment(at)
			if err != nil {
				return err
			}
			h, err := loadHouse(set)
			if err != nil {
				return err
			}
			if to == "" {
				to = h.profile.Number
			}
			out := cmd.OutOrStdout()
			if err := explain(out, h, ivr.Question{From: from, To: to, At: when, Shift: h.roster.At(when)}); err != nil {
				return err
			}
			return explainTexts(out, h, when)
		},
	}
	set.bindHouse(cmd.Flags())
	set.carriers.bind(cmd.Flags())
	cmd.Flags().StringVar(&from, "from", "", "calling number")
	cmd.Flags().StringVar(&to, "to", "", "dialled number (default: the hotline's)")
	cmd.AddCommand(newExplainOrder())
	cmd.Flags().StringVar(&at, "at", "", "time in Asia/Shanghai, 2026-10-01T03:00 (default: now)")
	return cmd
}

// parseMoment reads a time of the command line; empty is now.
func parseMoment(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, dispatch.Place); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("--at %q is no time: write it like 2026-10-01T03:00", s)
	}
	return t, nil
}

// explain prints the way of the call, then the deadlines of what may come of it.
func explain(out io.Writer, h house, q ivr.Question) error {
	for _, r := range ivr.Explain(h.flow, h.profile, q) {
		fmt.Fprintln(out, r)
	}
	fmt.Fprintln(out, "若登记为工单,答复期限:")
	for _, t := range append([]dispatch.Type{dispatch.Unset}, h.policy.Types...) {
		d := h.policy.Term(t).Deadline(h.calendar, q.At)
		provisional := ""
		if d.Provisional {
			provisional = "(工作日历缺年,暂定)"
		}
		_, err := fmt.Fprintf(out, "  %s%s 前%s [%s]\n", padded(dispatch.TypeWords[t], 14), calendar.UntilWords(d.At), provisional, d.Rule)
		if err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}
