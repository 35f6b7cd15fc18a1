package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// newRedCommand presses the red button of a running hotline, by its API (ZQ-21.3).
func newRedCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "red",
		Short: "红色按钮:全线转人工、转值班、插播公告(紧急键不受影响)/ one switch for all calls; the emergency key stays",
		Long: "红色按钮:全线转人工、转值班、插播公告(紧急键不受影响)/ one switch for all calls; the emergency key stays\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	var in console.NewRed
	press := func(use, route, short string) *cobra.Command {
		c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			in.Route = route
			return client().pressRed(cmd, in)
		}}
		c.Flags().StringVar(&in.Reason, "reason", "", "why; required")
		if use != "off" {
			c.Flags().StringVar(&in.Announcement, "announce", "", "prompt that everybody hears first; `hotline red` lists them")
			c.Flags().StringVar(&in.Text, "text", "", "or an announcement in words, put into sound at once")
		}
		return c
	}
	cmd.AddCommand(press("desks", dispatch.RedDesks, "全线转人工 / every call to the desks"),
		press("duty", dispatch.RedDuty, "全线转值班 / every call to the officers on duty"),
		press("announce", dispatch.RedUsual, "只插播公告 / an announcement, then the usual flow"),
		press("off", dispatch.RedUsual, "解除 / as usual again"))
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return client().showRed(cmd) }
	return cmd
}

func (c *consoleClient) pressRed(cmd *cobra.Command, in console.NewRed) error {
	return c.asAdmin(cmd, func() error {
		var r console.RedView
		if err := c.post(cmd.Context(), "/api/v1/red", in, &r); err != nil {
			return err
		}
		printRed(cmd.OutOrStdout(), r)
		return nil
	})
}

// showRed tells how the button stands and what may be announced.
func (c *consoleClient) showRed(cmd *cobra.Command) error {
	return c.asAdmin(cmd, func() error {
		var p console.RedPage
		if err := c.get(cmd.Context(), "/api/v1/red", &p); err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		printRed(out, p.Now)
		for _, a := range p.Announcements {
			fmt.Fprintf(out, "  %-16s %s\n", a.ID, a.Text)
		}
		return nil
	})
}

func printRed(out io.Writer, r console.RedView) {
	state := "未按下 / off"
	if r.On {
		state = "已按下 / on: " + r.Words
	}
	fmt.Fprintln(out, state)
	if r.At != nil {
		fmt.Fprintf(out, "  %s %s %s %s\n", r.At.In(dispatch.Place).Format("2006-01-02 15:04:05"), r.By, r.Reason, r.Announcement+r.Text)
	}
}
