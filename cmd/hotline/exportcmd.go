package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"hotline/dispatch/trade"
)

// newExportCommand writes tables that an import takes.
func newExportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "导出表格(CSV、XLSX)与一件工单的证据包 / write tables, and one order as evidence",
		Long: "导出表格(CSV、XLSX)与一件工单的证据包 / write tables, and one order as evidence\n\n" +
			"orders, order and key ask a running hotline; the password of its admin is taken from HOTLINE_ADMIN_PASSWORD.",
	}
	for _, kind := range trade.Kinds {
		if kind != trade.Orders {
			cmd.AddCommand(newExportFile(kind))
		}
	}
	cmd.AddCommand(newExportOrders(), newExportFigures(), newExportOrder(), newExportVolume(), newExportKey(), newExportVerify())
	return cmd
}

// newExportFile writes what a hotline's folder has of a kind.
func newExportFile(kind trade.Kind) *cobra.Command {
	var dir, profile, out, format string
	empty := false
	cmd := &cobra.Command{Use: string(kind), Short: kindWords[kind], Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := folderOf(dir, profile)
			if err != nil {
				return err
			}
			return writeOut(cmd, out, func(w io.Writer) error {
				if empty {
					return trade.Template(w, kind, format)
				}
				return folder.Export(w, kind, format)
			})
		}}
	bindDeploy(cmd.Flags(), &dir)
	cmd.Flags().StringVar(&profile, "profile", envOr("HOTLINE_PROFILE", "zz"), "hotline to read: zz, sq, kf, zq, xz")
	cmd.Flags().BoolVar(&empty, "empty", false, "只写表头 / the header alone, to be filled in")
	bindOut(cmd, &out, &format)
	return cmd
}

// bindOut gives an export its flags.
func bindOut(cmd *cobra.Command, out, format *string) {
	cmd.Flags().StringVarP(out, "output", "o", "", "file to write; must not be there (default: to the terminal)")
	cmd.Flags().StringVar(format, "format", "csv", "csv or xlsx")
}

// writeOut writes to a new file that is its owner's alone, or to the terminal. What failed
// leaves no file.
func writeOut(cmd *cobra.Command, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(cmd.OutOrStdout())
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(name) // the error that made it useless is told
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
