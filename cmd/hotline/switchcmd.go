package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// newSwitchesCommand shows and changes which Asterisks a running hotline works with, by
// its API: one controller is asked, and all follow.
func newSwitchesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "switches",
		Short: "查看、加入、排空、移除 Asterisk / the Asterisks of a running hotline",
		Long: "查看、加入、排空、移除 Asterisk / the Asterisks of a running hotline\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	ask := func(cmd *cobra.Command, what string, in any) error {
		c := client()
		return c.switches(cmd, what, in)
	}
	move := func(word, short string) *cobra.Command {
		return &cobra.Command{Use: word + " NAME", Short: short, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return ask(cmd, "POST /api/v1/switches/"+url.PathEscape(args[0])+"/"+word, struct{}{})
			}}
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "各台的状态与通话数 / how each stands", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return ask(cmd, "GET /api/v1/switches", nil) }},
		&cobra.Command{Use: "add NAME=http://USER:PASSWORD@HOST:PORT[,dir=FOLDER] | -", Args: cobra.ExactArgs(1),
			Short: "加入一台(- 从标准输入读,口令不留在命令行)/ add one; - reads it from standard input",
			RunE: func(cmd *cobra.Command, args []string) error {
				in, err := readPlace(cmd.InOrStdin(), args[0])
				if err != nil {
					return err
				}
				return ask(cmd, "POST /api/v1/switches", console.NewSwitch(in))
			}},
		move("drain", "不再接新来电 / take no new calls"),
		move("resume", "恢复接新来电 / take calls again"),
		move("remove", "最后一通结束后脱离 / let go of it after its last call"),
	)
	return cmd
}

// readPlace reads an Asterisk's address from the command line or, for "-", from in.
func readPlace(in io.Reader, arg string) (place, error) {
	if arg == "-" {
		line, err := bufio.NewReader(io.LimitReader(in, 4<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return place{}, fmt.Errorf("read the address: %w", err)
		}
		arg = strings.TrimSpace(line)
	}
	return parsePlace(arg)
}

// switches logs in, makes one request and shows the list that comes back.
func (c *consoleClient) switches(cmd *cobra.Command, what string, in any) error {
	ctx := cmd.Context()
	if err := c.logIn(ctx); err != nil {
		return err
	}
	var list page[console.Switch]
	err := c.do(ctx, what, in, &list)
	if err == nil {
		err = showSwitches(cmd.OutOrStdout(), list.Items)
	}
	return errors.Join(err, c.post(ctx, "/api/v1/logout", struct{}{}, nil))
}

func showSwitches(out io.Writer, list []console.Switch) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tWANTED\tSINCE\tSTATE\tCALLS\tURL")
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", s.Name, s.Want, s.Since.In(dispatch.Place).Format("01-02 15:04:05"), s.State, s.Calls, s.URL)
	}
	return w.Flush()
}
