package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/trade"
)

// newExportOrders writes the orders of a running hotline as a table.
func newExportOrders() *cobra.Command {
	var out, format string
	var empty, open bool
	in := map[string]*string{}
	cmd := &cobra.Command{Use: "orders", Short: "工单(号码遮蔽,举报人不出现)/ orders, as the pages show them", Args: cobra.NoArgs}
	client := consoleOf(cmd)
	bindOut(cmd, &out, &format)
	cmd.Flags().BoolVar(&empty, "empty", false, "只写导入用的表头 / the header of a table to bring in")
	cmd.Flags().BoolVar(&open, "open", false, "只要未了结的 / those that are not at their end")
	in["state"] = cmd.Flags().String("state", "", "such as processing")
	in["since"] = cmd.Flags().String("since", "", "registered from, such as 2026-11-01T00:00:00+08:00")
	in["until"] = cmd.Flags().String("until", "", "registered up to")
	in["reason"] = cmd.Flags().String("reason", "", "why; required, it is audited")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if empty {
			return writeOut(cmd, out, func(w io.Writer) error { return trade.Template(w, trade.Orders, format) })
		}
		body := map[string]any{"format": format, "open": open}
		for name, v := range in {
			if *v != "" {
				body[name] = *v
			}
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			return writeOut(cmd, out, func(w io.Writer) error { return c.download(cmd.Context(), "/api/v1/export/orders", body, w) })
		})
	}
	return cmd
}

// newExportOrder writes one order as a sealed bundle.
func newExportOrder() *cobra.Command {
	var out, reason string
	cmd := &cobra.Command{Use: "order NUMBER", Short: "一件工单的证据包(zip,有签名)/ one order as signed evidence", Args: cobra.ExactArgs(1)}
	client := consoleOf(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; must not be there (default NUMBER.zip)")
	cmd.Flags().StringVar(&reason, "reason", "", "why; required, it is on the order and in the audit")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" {
			out = filepath.Base(args[0]) + ".zip"
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			err := writeOut(cmd, out, func(w io.Writer) error {
				return c.download(cmd.Context(), "/api/v1/export/orders/"+url.PathEscape(args[0]), map[string]string{"reason": reason}, w)
			})
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), out)
			}
			return err
		})
	}
	return cmd
}

// newExportVolume writes what a month completed as a sealed volume.
func newExportVolume() *cobra.Command {
	var out, reason string
	cmd := &cobra.Command{Use: "volume MONTH", Short: "一个月的归档卷(zip,有签名):办结的工单、录音、附件与 run-dir/materials/月份 里的材料 / a month's sealed volume",
		Example: "  hotline export volume 2026-10 --reason 每月归档", Args: cobra.ExactArgs(1)}
	client := consoleOf(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; must not be there (default volume-MONTH.zip)")
	cmd.Flags().StringVar(&reason, "reason", "", "why; required, it is audited")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" {
			out = "volume-" + filepath.Base(args[0]) + ".zip"
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			err := writeOut(cmd, out, func(w io.Writer) error {
				return c.download(cmd.Context(), "/api/v1/export/volume", map[string]string{"month": args[0], "reason": reason}, w)
			})
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), out)
			}
			return err
		})
	}
	return cmd
}

// newExportKey tells the public key of a running hotline.
func newExportKey() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "核对证据包的公钥 / the public key that bundles are verified with", Args: cobra.NoArgs}
	client := consoleOf(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c := client()
		return c.asAdmin(cmd, func() error {
			var v struct {
				Key string `json:"public_key"`
			}
			if err := c.get(cmd.Context(), "/api/v1/evidence-key", &v); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), v.Key)
			return err
		})
	}
	return cmd
}

// newExportVerify says whether a bundle is as it was made; nothing has to be running.
func newExportVerify() *cobra.Command {
	var key, dir string
	cmd := &cobra.Command{Use: "verify FILE", Short: "核对证据包:改动、缺少、多出的文件 / what is changed, missing or added", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			public, err := knownKey(key, dir)
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			st, err := f.Stat()
			if err != nil {
				return err
			}
			v, err := trade.Verify(f, st.Size(), public)
			w := &printer{out: cmd.OutOrStdout()}
			for _, finding := range v.Findings {
				w.line("%s", finding)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if len(v.Findings) > 0 {
				return errReported
			}
			m := v.Manifest
			w.line("完好 / intact: %s,%d 个文件,%s 由 %s 导出", m.Order, len(m.Files), m.At.In(dispatch.Place).Format("2006-01-02 15:04:05"), m.By)
			for _, s := range m.Withheld {
				w.line("未收入:%s", s)
			}
			return w.err
		}}
	cmd.Flags().StringVar(&key, "key", "", "the hotline's public key, as `hotline export key` told it")
	cmd.Flags().StringVar(&dir, "run-dir", envOr("HOTLINE_RUN_DIR", ".run"), "or the hotline's own folder, on its machine")
	return cmd
}

// knownKey is the key a bundle is held to: a given one, or that of the hotline on this machine.
// The one that a bundle names itself proves nothing.
func knownKey(given, dir string) (ed25519.PublicKey, error) {
	if given != "" {
		return trade.ParsePublicKey(given)
	}
	if _, err := os.Stat(filepath.Join(dir, "evidence.key")); errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("请用 --key 给出该热线的公钥(hotline export key)/ --key is needed: the bundle's own proves nothing")
	}
	private, err := trade.Key(dir)
	if err != nil {
		return nil, err
	}
	return trade.ParsePublicKey(trade.PublicKey(private))
}

// newExportFigures writes one table of a running hotline's figures.
func newExportFigures() *cobra.Command {
	var out, format string
	in := map[string]*string{}
	cmd := &cobra.Command{Use: "figures TABLE", Short: "统计表:types 受理办理、units 按期办结、suggestions 建议、calls 接通、seats 座席、hot 热点专报 / figures of a span of time", Args: cobra.ExactArgs(1)}
	client := consoleOf(cmd)
	bindOut(cmd, &out, &format)
	in["since"] = cmd.Flags().String("since", "", "registered from, such as 2026-11-01T00:00:00+08:00")
	in["until"] = cmd.Flags().String("until", "", "registered before; not in the future")
	in["reason"] = cmd.Flags().String("reason", "", "why; required, it is audited")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]any{"table": args[0], "format": format}
		for name, v := range in {
			body[name] = *v
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			return writeOut(cmd, out, func(w io.Writer) error { return c.download(cmd.Context(), "/api/v1/export/figures", body, w) })
		})
	}
	return cmd
}
