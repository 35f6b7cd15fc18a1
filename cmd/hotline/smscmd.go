package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/sms"
)

// newSMSCommand sends texts by hand, follows them, and takes up again what stands still,
// by a running hotline's API; preview needs nothing to be running.
func newSMSCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sms",
		Short: "短信:发送、追踪、通道、重放、模板预览 / texts: send, trace, links, replay, preview",
		Long: "短信:发送、追踪、通道、重放、模板预览 / texts: send, trace, links, replay, preview\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	reason := ""
	replay := &cobra.Command{Use: "replay ID --reason WHY", Args: cobra.ExactArgs(1),
		Short: "重发失败或过期的短信,或再处理一条收到的 / a dead text again, or one that came in and was not handled",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := client()
			return c.asAdmin(cmd, func() error { return c.replay(cmd, args[0], reason) })
		}}
	replay.Flags().StringVar(&reason, "reason", "", "why; required, kept with who did it")
	cmd.AddCommand(newSMSSend(client), replay, newSMSPreview(),
		&cobra.Command{Use: "trace ID|NUMBER", Args: cobra.ExactArgs(1),
			Short: "一条短信的经过,或一个号码的往来 / the life of a text, or what was written with a number",
			RunE: func(cmd *cobra.Command, args []string) error {
				c := client()
				return c.asAdmin(cmd, func() error { return c.trace(cmd, args[0]) })
			}},
		&cobra.Command{Use: "links", Args: cobra.NoArgs, Short: "各通道的状况与排队 / how each link is, and what waits",
			RunE: func(cmd *cobra.Command, _ []string) error {
				c := client()
				return c.asAdmin(cmd, func() error { return c.links(cmd) })
			}})
	return cmd
}

// newSMSPreview shows how each template goes out when its slots hold the longest values.
func newSMSPreview() *cobra.Command {
	var dir string
	cmd := &cobra.Command{Use: "preview [profile...]",
		Short: "各模板填入最长内容后的样子、字数与条数 / each template at its longest: length and segments",
		RunE: func(cmd *cobra.Command, ids []string) error {
			_, hotlines, err := hotlinesOf(dir)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				ids = profileIDs(hotlines)
			}
			for _, id := range ids {
				policy, err := dispatch.LoadPolicy(hotlines, path.Join(id, "policy.yaml"))
				if err != nil {
					return err
				}
				previews(id, policy, func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) })
			}
			return nil
		}}
	bindDeploy(cmd.Flags(), &dir)
	return cmd
}

func newSMSSend(client func() *consoleClient) *cobra.Command {
	yes := false
	cmd := &cobra.Command{Use: "send NUMBER TEXT", Args: cobra.ExactArgs(2),
		Short: "向一个手机号码发一条通知 / a notice to a number",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := client()
			return c.asAdmin(cmd, func() error {
				return c.send(cmd, console.NewLetter{To: args[0], Text: args[1], Preview: !yes})
			})
		}}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// send shows what would be sent and asks, unless the letter is no preview.
func (c *consoleClient) send(cmd *cobra.Command, in console.NewLetter) error {
	out := cmd.OutOrStdout()
	if in.Preview {
		var v console.LetterView
		if err := c.post(cmd.Context(), "/api/v1/messages", in, &v); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n%s,%d 条 / segments\n发送吗 / send it? [y/N] ", v.Text, v.To, v.Segments)
		line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 64)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the answer: %w", err)
		}
		if line = strings.ToLower(strings.TrimSpace(line)); line != "y" && line != "yes" {
			return errors.New("not sent")
		}
		in.Preview = false
	}
	var v console.LetterView
	if err := c.post(cmd.Context(), "/api/v1/messages", in, &v); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s  %s\n", v.ID, v.To)
	return nil
}

// trace shows the life of a text or, for a number, what was written with it.
func (c *consoleClient) trace(cmd *cobra.Command, what string) error {
	out := cmd.OutOrStdout()
	if number, err := sms.Normalize(what); err == nil {
		var t console.Talk
		if err := c.post(cmd.Context(), "/api/v1/talks/search", map[string]string{"phone": number}, &t); err != nil {
			return err
		}
		return showTalk(out, t)
	}
	var sent console.Trace
	err := c.get(cmd.Context(), "/api/v1/messages/"+url.PathEscape(what), &sent)
	if err == nil {
		return showTrace(out, sent)
	}
	if !missingThere(err) {
		return err
	}
	var came console.InboundTrace
	if err := c.get(cmd.Context(), "/api/v1/inbound/"+url.PathEscape(what), &came); err != nil {
		return err
	}
	return showInbound(out, came)
}

// missingThere says whether the answer was that there is no such thing.
func missingThere(err error) bool { return strings.Contains(err.Error(), ": 404 ") }

// replay takes up a text again, whichever way it went.
func (c *consoleClient) replay(cmd *cobra.Command, id, reason string) error {
	in, at := map[string]string{"reason": reason}, url.PathEscape(id)+"/replay"
	var again struct{ ID, Status string }
	err := c.post(cmd.Context(), "/api/v1/messages/"+at, in, &again)
	if err == nil {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", again.ID, again.Status)
		return err
	}
	if !missingThere(err) {
		return err
	}
	var as struct {
		As string `json:"handled_as"`
	}
	if err := c.post(cmd.Context(), "/api/v1/inbound/"+at, in, &as); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", id, as.As)
	return err
}

func (c *consoleClient) links(cmd *cobra.Command) error {
	var v console.LinksView
	if err := c.do(cmd.Context(), http.MethodGet+" /api/v1/links", nil, &v); err != nil {
		return err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LINK\tUP\tSINCE\tLAST SEEN\tWINDOW\tUNDER WAY\tRATE\tSENT/MIN\tRECEIPTS\tINBOUND\tLAST ERROR")
	for _, l := range v.Items {
		fmt.Fprintf(w, "%s\t%t\t%s\t%s\t%d\t%d\t%d\t%d\t%t\t%t\t%s\n", l.Name, l.Up, clockTime(l.Since), clockTime(l.LastSeen),
			l.Window, l.UnderWay, l.Rate, l.Sent, l.Receipts, l.Inbound, l.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "待发 / queued %d,待处理 / unhandled %d\n", v.Out, v.In)
	return err
}

// clockTime is a moment on the hotline's clock; "-" is none.
func clockTime(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.In(dispatch.Place).Format("01-02 15:04:05")
}

func showTrace(out io.Writer, t console.Trace) error {
	m := t.Message
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.ID, m.Kind, m.To, m.Status, m.Text)
	for _, s := range t.Steps {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", clockTime(s.At), s.What, s.Text)
	}
	return w.Flush()
}

func showInbound(out io.Writer, t console.InboundTrace) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Inbound.ID, t.Inbound.From, t.Inbound.As, t.Order, t.Inbound.Text)
	for _, s := range t.Steps {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", clockTime(s.At), s.What, s.Text)
	}
	return w.Flush()
}

func showTalk(out io.Writer, t console.Talk) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, t.Phone)
	if t.OptOut != "" {
		fmt.Fprint(w, "\t已退订 / opted out")
	}
	fmt.Fprintln(w)
	for _, l := range t.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", clockTime(l.At), map[string]string{"out": "→", "in": "←"}[l.Way], l.What, l.Status, l.ID, l.Text)
	}
	return w.Flush()
}
