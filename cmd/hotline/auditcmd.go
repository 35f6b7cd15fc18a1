package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hotline/dispatch/console"
)

// newAuditCommand shows the audit of a running hotline and verifies its chain, by its API.
func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "审计:查看、核对 / the audit: show, verify",
		Long: "审计:查看、核对 / the audit: show, verify\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	known := ""
	verify := &cobra.Command{Use: "verify", Args: cobra.NoArgs,
		Short: "审计链是否完好,或第一条不符的记录 / whether the chain is intact, or the first broken entry",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := client()
			return c.asAdmin(cmd, func() error { return c.verifyAudit(cmd, known) })
		}}
	verify.Flags().StringVar(&known, "known", "", "SEQ:HASH that an earlier verify told and that was kept elsewhere; it must still be in the chain")
	cmd.AddCommand(newAuditShow(client), verify)
	return cmd
}

func newAuditShow(client func() *consoleClient) *cobra.Command {
	most, q := 50, map[string]*string{}
	cmd := &cobra.Command{Use: "show", Args: cobra.NoArgs,
		Short: "最近的审计记录 / the newest entries",
		RunE: func(cmd *cobra.Command, _ []string) error {
			values := url.Values{"limit": {strconv.Itoa(most)}}
			for name, v := range q {
				if *v != "" {
					values.Set(name, *v)
				}
			}
			c := client()
			return c.asAdmin(cmd, func() error {
				var list page[console.AuditView]
				if err := c.get(cmd.Context(), "/api/v1/audit?"+values.Encode(), &list); err != nil {
					return err
				}
				return showAudit(cmd.OutOrStdout(), list.Items)
			})
		}}
	cmd.Flags().IntVar(&most, "limit", most, "how many, at most 200")
	q["actor"] = cmd.Flags().String("actor", "", "who, such as agent:admin")
	q["act"] = cmd.Flags().String("act", "", "what, such as refused or phone_seen")
	q["subject"] = cmd.Flags().String("subject", "", "an order's number, a text's or a recording's id")
	return cmd
}

func showAudit(out io.Writer, list []console.AuditView) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SEQ\tTIME\tACTOR\tACT\tSUBJECT\tRULE\tTEXT")
	for _, a := range list {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Seq, clockTime(a.At), a.Actor, a.Act, a.Subject, a.Rule, a.Text)
	}
	return w.Flush()
}

// verifyAudit says whether the chain holds, and fails if it does not.
func (c *consoleClient) verifyAudit(cmd *cobra.Command, known string) error {
	var v console.ChainView
	if err := c.get(cmd.Context(), "/api/v1/audit/verify?"+url.Values{"known": {known}}.Encode(), &v); err != nil {
		return err
	}
	switch {
	case v.Why != "":
		return fmt.Errorf("audit: entry %d: %s; %d 条完好 / entries hold before it", v.Broken, v.Why, v.Entries)
	case !v.Known:
		return fmt.Errorf("audit: %s is not in the chain any more: it was written anew / 所给记录已不在链上", known)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "完好 / intact: %d 条 / entries\n%s\n", v.Entries, v.Head)
	return err
}
