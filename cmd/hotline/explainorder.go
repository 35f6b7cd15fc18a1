package main

import (
	"log/slog"
	"net/url"

	"github.com/spf13/cobra"

	"hotline/cmd/conform"
	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
)

// newExplainOrder says why an order of a running hotline is where it is, by its API.
func newExplainOrder() *cobra.Command {
	cmd := &cobra.Command{Use: "order NUMBER", Args: cobra.ExactArgs(1),
		Short: "逐项说明一张工单:类型、单位、期限的推算、每个决定的条款、接下来 / every decision about an order, with its clause",
		Long: "逐项说明一张工单,可读给诉求人听;不显示任何人的姓名与号码 / every decision about an order, with its clause\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c := client()
		return c.asAdmin(cmd, func() error {
			var v console.ExplainView
			if err := c.get(cmd.Context(), "/api/v1/orders/"+url.PathEscape(args[0])+"/explain", &v); err != nil {
				return err
			}
			p := &printer{out: cmd.OutOrStdout()}
			printExplained(p, v)
			return p.err
		})
	}
	return cmd
}

func printExplained(p *printer, v console.ExplainView) {
	p.line("工单 %s(%s),%s", v.Number, v.TypeText, v.StateText)
	cited, seen := []console.ExplainReason{}, map[string]bool{}
	for _, part := range v.Parts {
		p.line("")
		p.line("%s", part.Title)
		for _, r := range part.Reasons {
			at, rule := "", ""
			if r.At != nil {
				at = calendar.UntilWords(*r.At) + " "
				if last := r.At.In(dispatch.Place); last.Second() != 0 {
					at = last.Format("2006-01-02 15:04:05") + " "
				}
			}
			if r.Rule != "" {
				rule = " [" + r.Rule + "]"
			}
			p.line("  %s%s%s", at, r.Text, rule)
			for _, step := range r.Steps {
				p.line("      %s", step)
			}
			if r.Clause != "" && !seen[r.Rule] {
				seen[r.Rule] = true
				cited = append(cited, r)
			}
		}
	}
	if len(cited) > 0 {
		p.line("")
		p.line("所依条款")
	}
	for _, r := range cited {
		p.line("  %-10s %s", r.Rule, r.Clause)
	}
}

// clauses reads what the five regulations ask, to say a clause in words; "" for what is none
// of them.
func clauses(log *slog.Logger) func(id string) string {
	book, err := conform.Load(deploy.Files, rulesFile)
	if err != nil {
		log.Warn("clauses are shown by their ids alone", "err", err)
	}
	return book.Words
}
