package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
)

// newCalendarCommand shows the working calendar, counts by it, and brings a year's file to a
// running hotline.
func newCalendarCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calendar",
		Short: "工作日历:看一年、算期限、装载新一年 / the working calendar: show it, count by it, load a year",
		Long: "工作日历:看一年、算期限、装载新一年 / the working calendar: show it, count by it, load a year\n\n" +
			"list, load and reload ask a running hotline; the password of its admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	client := consoleOf(cmd)
	cmd.AddCommand(newCalendarShow(), newCalendarCount("add START SPAN", "从 START 起算一段期限,逐日说明 / when a span ends, day by day", explainSpan),
		newCalendarCount("before DUE SPAN", "DUE 届满前一段时间的最后时刻(延期申请)/ the last moment before a deadline", explainBefore),
		&cobra.Command{Use: "list", Short: "运行中的热线有哪些年份 / the years a running hotline counts by", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return client().years(cmd, "GET /api/v1/calendar", nil) }},
		&cobra.Command{Use: "load FILE", Short: "装载一年的文件,未办结工单重算 / bring a year's file; what is open is counted again", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				src, err := os.ReadFile(args[0])
				if err != nil {
					return err
				}
				if _, err := calendar.ReadYear(src); err != nil { // with the lines of the file
					return err
				}
				return client().years(cmd, "POST /api/v1/calendar", map[string]string{"file": string(src)})
			}},
		&cobra.Command{Use: "reload", Short: "重读热线的日历目录 / have it read its own folder again", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return client().years(cmd, "POST /api/v1/calendar/reload", struct{}{})
			}})
	return cmd
}

// years makes one request and shows the years that come back.
func (c *consoleClient) years(cmd *cobra.Command, what string, in any) error {
	return c.asAdmin(cmd, func() error {
		var list page[console.CalendarYear]
		if err := c.do(cmd.Context(), what, in, &list); err != nil {
			return err
		}
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "YEAR\tEDITION\tWORKDAYS\tSINCE\tBY\tNOTICES")
		for _, y := range list.Items {
			fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%s\t%d\n", y.Year, y.Edition, y.Workdays, y.At.In(dispatch.Place).Format("2006-01-02 15:04"), y.By, len(y.Notices))
		}
		return w.Flush()
	})
}

// newCalendarShow prints a year.
func newCalendarShow() *cobra.Command {
	dir := ""
	cmd := &cobra.Command{Use: "show YEAR", Short: "一年的放假、上班与依据 / closures, make-up days and notices of a year", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := deployed(dir)
			if err != nil {
				return err
			}
			c, err := calendar.LoadDir(files, "calendar")
			if err != nil {
				return err
			}
			year, err := strconv.Atoi(args[0])
			y, known := c.Year(year)
			if err != nil || !known {
				return fmt.Errorf("no calendar of %q; there is %v", args[0], c.Years())
			}
			return showYear(cmd.OutOrStdout(), c, y)
		}}
	bindDeploy(cmd.Flags(), &dir)
	return cmd
}

func showYear(out io.Writer, c *calendar.Calendar, y calendar.Year) error {
	w := &printer{out: out}
	w.line("%d 年,工作日 %d 天", y.Year, workdaysOf(c, y.Year))
	for _, n := range y.Notices {
		w.line("依据 %s", n)
	}
	for _, working := range []bool{false, true} {
		w.line("%s", map[bool]string{false: "放假的工作日:", true: "上班的周末:"}[working])
		for _, d := range y.Days {
			if d.Working == working {
				w.line("  %s %s", calendar.DayWords(d.Date), d.Name)
			}
		}
	}
	return w.err
}

// newCalendarCount is a command that counts by a profile's rules.
func newCalendarCount(use, short string, count func(io.Writer, *calendar.Calendar, time.Time, calendar.Span) error) *cobra.Command {
	var dir, profile string
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(2),
		Long: short + "\n\nA moment is 2026-02-13 or 2026-02-13T17:00; a span is 2wd (working days), 10d (days), 24h, 30m or 1wh (working hours).",
		RunE: func(cmd *cobra.Command, args []string) error {
			files, hotlines, err := hotlinesOf(dir)
			if err != nil {
				return err
			}
			days, err := calendar.LoadDir(files, "calendar")
			if err != nil {
				return err
			}
			policy, err := dispatch.LoadPolicy(hotlines, profile+"/policy.yaml")
			if err != nil {
				return err
			}
			at, atErr := time.ParseInLocation(time.DateOnly, args[0], dispatch.Place)
			if atErr != nil {
				at, atErr = parseMoment(args[0])
			}
			span, spanErr := calendar.ParseSpan(args[1])
			if err := errors.Join(atErr, spanErr); err != nil {
				return err
			}
			return count(cmd.OutOrStdout(), policy.Calendar(days), at, span)
		}}
	bindDeploy(cmd.Flags(), &dir)
	cmd.Flags().StringVar(&profile, "profile", envOr("HOTLINE_PROFILE", "zz"), "hotline whose rules count: zz, sq, kf, zq, xz")
	return cmd
}
