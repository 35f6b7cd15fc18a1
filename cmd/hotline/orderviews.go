package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch/calendar"
)

// orderLine is an order as the API shows it, as far as the command line does.
type orderLine struct {
	Number, Phone, Unit, Summary, Result, PIN string
	State                                     string `json:"state_text"`
	Type                                      string `json:"type_text"`
	Due                                       *time.Time
	DueRule                                   string `json:"due_rule"`
	Overdue, Supervised, Urgent, Confidential bool
	Version                                   int
}

// orderPart is a unit's part in an order.
type orderPart struct {
	Unit, Copy, Words, Ended string
	Attempt                  int
	Lead                     bool
	Due, SignBy, Signed      *time.Time
}

// orderCommand makes one request and shows the order that comes back; what has no answer is
// only done.
func (c *consoleClient) orderCommand(cmd *cobra.Command, what string, in any) error {
	var answer []byte
	if err := c.do(cmd.Context(), what, in, &answer); err != nil {
		return err
	}
	var o orderLine
	if len(answer) == 0 || json.Unmarshal(answer, &o) != nil || o.State == "" {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "好 / done %s", answer)
		return err
	}
	return showOrders(cmd.OutOrStdout(), []orderLine{o})
}

func showOrders(out io.Writer, list []orderLine) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tTYPE\tSTATE\tUNIT\tDUE\tRULE\tVERSION\tMARKS\tSUMMARY")
	for _, o := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%.60s\n", o.Number, o.Type, o.State, o.Unit, until(o.Due), o.DueRule, o.Version, o.marks(), o.Summary)
	}
	return w.Flush()
}

// marks are what is special about an order; the query code is told once, at its registration.
func (o orderLine) marks() string {
	words := ""
	for _, m := range []struct {
		is   bool
		word string
	}{{o.Urgent, "紧急 "}, {o.Overdue, "超期 "}, {o.Supervised, "督办 "}, {o.Confidential, "保密 "}, {o.PIN != "", "查询码" + o.PIN}} {
		if m.is {
			words += m.word
		}
	}
	return words
}

// until is a deadline, or nothing.
func until(t *time.Time) string {
	if t == nil {
		return ""
	}
	return calendar.UntilWords(*t)
}

func newOrderList(client func() *consoleClient) *cobra.Command {
	var (
		unit, state, due, find   string
		hotline, supervised, all bool
		most                     int
	)
	cmd := &cobra.Command{Use: "list", Short: "待办工单,期限近的在前;--all 全部,新的在前 / what somebody has to handle, the nearest deadline first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{"limit": {strconv.Itoa(most)}}
			put := func(name, value string) {
				if value != "" && value != "false" {
					q.Set(name, value)
				}
			}
			put("state", state)
			path := "/api/v1/orders?"
			if all || find != "" {
				put("q", find)
			} else {
				path = "/api/v1/work?"
				put("unit", unit)
				put("hotline", strconv.FormatBool(hotline))
				put("supervised", strconv.FormatBool(supervised))
				if due != "" {
					t, err := parseMoment(due)
					if err != nil {
						return fmt.Errorf("--due-before: %w", err)
					}
					put("due_before", t.UTC().Format(time.RFC3339))
				}
			}
			c := client()
			return c.asAdmin(cmd, func() error {
				var list page[orderLine]
				if err := c.get(cmd.Context(), path+q.Encode(), &list); err != nil {
					return err
				}
				return showOrders(cmd.OutOrStdout(), list.Items)
			})
		}}
	f := cmd.Flags()
	f.StringVar(&unit, "unit", "", "主办单位")
	f.StringVar(&state, "state", "", "状态,如 dispatched")
	f.StringVar(&due, "due-before", "", "期限早于,如 2026-10-01T17:00")
	f.StringVar(&find, "find", "", "编号或内容中的字")
	f.BoolVar(&hotline, "hotline", false, "未派给单位的")
	f.BoolVar(&supervised, "supervised", false, "督办的")
	f.BoolVar(&all, "all", false, "包括已办结的")
	f.IntVar(&most, "limit", 50, "至多几张,200 以内")
	return cmd
}

func newOrderShow(client func() *consoleClient) *cobra.Command {
	return &cobra.Command{Use: "show NUMBER", Short: "一张工单:各单位承办情况与时间线 / an order, its units and its timeline", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c := client()
			return c.asAdmin(cmd, func() error { return c.showOrder(cmd, "/api/v1/orders/"+url.PathEscape(args[0])) })
		}}
}

func (c *consoleClient) showOrder(cmd *cobra.Command, path string) error {
	var o orderLine
	var parts page[orderPart]
	var events page[struct {
		At                      *time.Time
		Actor, Kind, Rule, Text string
	}]
	for _, ask := range []struct {
		path string
		into any
	}{{path, &o}, {path + "/assignments", &parts}, {path + "/events", &events}} {
		if err := c.get(cmd.Context(), ask.path, ask.into); err != nil {
			return err
		}
	}
	if err := showOrders(cmd.OutOrStdout(), []orderLine{o}); err != nil {
		return err
	}
	p := &printer{out: cmd.OutOrStdout()}
	p.line("\n诉求 %s\n%s", o.Phone, o.Summary)
	if o.Result != "" {
		p.line("\n答复\n%s", o.Result)
	}
	for _, a := range parts.Items {
		role := "协办"
		if a.Lead {
			role = "主办"
		}
		if a.Copy != "" {
			role = "副本"
		}
		p.line("\n第%d次 %s %s 期限 %s 签收 %s %s %s", a.Attempt, a.Unit, role, until(a.Due), until(a.Signed), a.Words, a.Ended)
	}
	p.line("")
	for _, e := range events.Items {
		p.line("%s  %-18s %s %s [%s]", clockTime(e.At), e.Actor, e.Kind, e.Text, e.Rule)
	}
	return p.err
}
