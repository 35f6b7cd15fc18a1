package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch/trade"
)

// newImportCommand brings tables in. Units, handlers, officers and rosters are files of the
// hotline's folder, which need nothing to be running; orders go through its API.
func newImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "导入表格(CSV、XLSX):单位、责任人、值班人员、值班表、工单 / bring tables in",
		Long: "导入表格(CSV、XLSX):单位、责任人、值班人员、值班表、工单 / bring tables in\n\n" +
			"A row has a key: the same file again changes nothing. One fault, and nothing is written, unless --only-good.\n" +
			"`hotline export KIND --empty` writes a table to fill in. Orders go to a running hotline; the password\n" +
			"of its admin is taken from HOTLINE_ADMIN_PASSWORD. The others are files of a hotline's folder.",
	}
	for _, kind := range trade.Kinds {
		if kind != trade.Orders {
			cmd.AddCommand(newImportFile(kind))
		}
	}
	cmd.AddCommand(newImportOrders())
	return cmd
}

// kindWords are what the tables are of.
var kindWords = map[trade.Kind]string{
	trade.Units: "承办单位 / units", trade.Handlers: "承办责任人 / units' handlers", trade.Officers: "值班人员 / officers",
	trade.Roster: "值班表 / roster", trade.Orders: "工单 / orders",
}

// newImportFile imports into a hotline's folder.
func newImportFile(kind trade.Kind) *cobra.Command {
	var dir, profile, rejected string
	job := trade.Job{Kind: kind}
	cmd := &cobra.Command{Use: string(kind) + " FILE", Short: kindWords[kind], Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if job.Source, err = readUpTo(args[0], trade.MaxFile); err != nil {
				return err
			}
			folder, err := folderOf(dir, profile)
			if err != nil {
				return err
			}
			rep, err := folder.Import(job)
			if err != nil {
				return err
			}
			return tellReport(cmd.OutOrStdout(), rep, job, rejectedName(args[0], rejected))
		}}
	bindDeploy(cmd.Flags(), &dir)
	cmd.Flags().StringVar(&profile, "profile", envOr("HOTLINE_PROFILE", "zz"), "hotline to write to: zz, sq, kf, zq, xz")
	bindJob(cmd, &job, &rejected)
	return cmd
}

// newImportOrders registers orders at a running hotline.
func newImportOrders() *cobra.Command {
	rejected := ""
	job := trade.Job{Kind: trade.Orders}
	cmd := &cobra.Command{Use: "orders FILE", Short: kindWords[trade.Orders], Args: cobra.ExactArgs(1)}
	client := consoleOf(cmd)
	bindJob(cmd, &job, &rejected)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var err error
		if job.Source, err = readUpTo(args[0], trade.MaxFile); err != nil {
			return err
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			var rep trade.Report
			in := map[string]any{"kind": job.Kind, "file": job.Source, "dry": job.Dry, "only_good": job.OnlyGood}
			if err := c.post(cmd.Context(), "/api/v1/import", in, &rep); err != nil {
				return err
			}
			return tellReport(cmd.OutOrStdout(), rep, job, rejectedName(args[0], rejected))
		})
	}
	return cmd
}

// bindJob gives an import its flags.
func bindJob(cmd *cobra.Command, job *trade.Job, rejected *string) {
	cmd.Flags().BoolVar(&job.Dry, "dry-run", false, "只检查,列出全部错误 / only look, and tell every fault")
	cmd.Flags().BoolVar(&job.OnlyGood, "only-good", false, "只收正确的行,其余连同错误写回文件 / take the rows that are right, write the others to a file")
	cmd.Flags().StringVar(rejected, "rejected", "", "that file (default FILE with .rejected before its ending)")
}

// rejectedName is where the rows that are not right go.
func rejectedName(file, given string) string {
	if given != "" {
		return given
	}
	ext := filepath.Ext(file)
	return strings.TrimSuffix(file, ext) + ".rejected" + ext
}

// readUpTo reads a file, and one byte more than it may have at most.
func readUpTo(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// folderOf is one hotline's folder.
func folderOf(dir, profile string) (trade.Folder, error) {
	_, hotlines, err := hotlinesOf(dir)
	if err != nil {
		return trade.Folder{}, err
	}
	if ids := profileIDs(hotlines); !slices.Contains(ids, profile) {
		return trade.Folder{}, fmt.Errorf("没有热线 %q,只有 %s", profile, strings.Join(ids, "、"))
	}
	sub, err := fs.Sub(hotlines, profile)
	if err != nil {
		return trade.Folder{}, err
	}
	f := trade.Folder{FS: sub, Now: time.Now}
	if dir != "" {
		f.Dir = filepath.Join(dir, "hotlines", profile)
	}
	return f, nil
}

// tellReport tells what an import came to, and fails where something is wrong with the file.
func tellReport(out io.Writer, rep trade.Report, job trade.Job, rejected string) error {
	w := &printer{out: out}
	for _, f := range rep.Faults {
		w.line("%s", f.Error())
	}
	for _, n := range rep.Notes {
		w.line("提醒:%s", n)
	}
	w.line("%d 行:新增 %d,更改 %d,不变 %d,有错 %d", rep.Rows, rep.New, rep.Changed, rep.Same, rep.Bad)
	if len(rep.Rejected) > 0 && !job.Dry {
		if err := os.WriteFile(rejected, rep.Rejected, 0o600); err != nil {
			return err
		}
		w.line("有错的行已写入 %s / written back", rejected)
	}
	switch {
	case rep.Written:
		w.line("已写入 / written")
	case job.Dry:
		w.line("只作检查,未写入 / dry run, nothing written")
	case len(rep.Faults) == 0:
		w.line("无需改动 / nothing to change")
	default:
		w.line("未写入 / nothing written")
	}
	if w.err == nil && len(rep.Faults) > 0 {
		return errReported
	}
	return w.err
}
