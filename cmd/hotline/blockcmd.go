package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// newBlockCommand blocks nuisance callers of a running hotline for a while, by its API.
func newBlockCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "block",
		Short: "限制骚扰来电(紧急键不受影响)/ block nuisance callers; the emergency key stays theirs",
		Long: "限制骚扰来电(紧急键不受影响)/ block nuisance callers; the emergency key stays theirs\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	all := false
	list := &cobra.Command{Use: "list", Short: "生效中的规则 / the rules in force", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return client().rules(cmd, all)
		}}
	list.Flags().BoolVar(&all, "all", false, "those that ended too")
	cmd.AddCommand(newBlockAdd(client), list,
		&cobra.Command{Use: "remove ID", Short: "提前解除 / end a rule before its time", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return client().rule(cmd, "POST /api/v1/caller-rules/"+url.PathEscape(args[0])+"/lift", struct{}{})
			}})
	return cmd
}

func newBlockAdd(client func() *consoleClient) *cobra.Command {
	var in console.NewRule
	days := 0
	cmd := &cobra.Command{Use: "add NUMBER --reason WHY --days N", Args: cobra.ExactArgs(1),
		Short: "限制或放行一个号码或号段 / block, or with --allow let through, a number or prefix",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Number = args[0]
			c := client()
			var status struct{ Now time.Time } // the hotline's clock, which a rule lives by
			if err := c.asAdmin(cmd, func() error { return c.get(cmd.Context(), "/api/v1/status", &status) }); err != nil {
				return err
			}
			in.Until = status.Now.AddDate(0, 0, days)
			return c.rule(cmd, "POST /api/v1/caller-rules", in)
		}}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why; required")
	cmd.Flags().IntVar(&days, "days", 0, "for how many days, at most 365; required")
	cmd.Flags().BoolVar(&in.Prefix, "prefix", false, "every number that begins so")
	cmd.Flags().BoolVar(&in.Allow, "allow", false, "let through, whatever else blocks it")
	return cmd
}

// asAdmin does f between logging in and logging out.
func (c *consoleClient) asAdmin(cmd *cobra.Command, f func() error) error {
	if err := c.logIn(cmd.Context()); err != nil {
		return err
	}
	return errors.Join(f(), c.post(cmd.Context(), "/api/v1/logout", struct{}{}, nil))
}

// rule makes one request and shows the rule that comes back.
func (c *consoleClient) rule(cmd *cobra.Command, what string, in any) error {
	return c.asAdmin(cmd, func() error {
		var r console.RuleView
		if err := c.do(cmd.Context(), what, in, &r); err != nil {
			return err
		}
		return showRules(cmd.OutOrStdout(), []console.RuleView{r})
	})
}

// rules shows the newest hundred.
func (c *consoleClient) rules(cmd *cobra.Command, all bool) error {
	return c.asAdmin(cmd, func() error {
		var list page[console.RuleView]
		if err := c.get(cmd.Context(), fmt.Sprintf("/api/v1/caller-rules?limit=100&open=%t", !all), &list); err != nil {
			return err
		}
		return showRules(cmd.OutOrStdout(), list.Items)
	})
}

func showRules(out io.Writer, list []console.RuleView) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNUMBER\tRULE\tUNTIL\tIN FORCE\tBY\tREASON")
	for _, r := range list {
		number, rule := r.Number, "block"
		if r.Prefix {
			number += "..."
		}
		if r.Allow {
			rule = "allow"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\t%s\t%s\n", r.ID, number, rule, r.Until.In(dispatch.Place).Format("2006-01-02 15:04"), r.Counts, r.By, r.Reason)
	}
	return w.Flush()
}
