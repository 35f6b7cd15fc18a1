package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch/console"
)

// newOrderCommand does to the orders of a running hotline what its API lets people do: one
// command for each operation that the API's description has, with its fields as flags.
func newOrderCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "order", Aliases: []string{"orders"},
		Short: "工单:列表、查看、登记、派发、签收、退单、延期、提交、审核、办结、重办 / orders: list, show, and all that is done to them",
		Long: "工单:查看与办理 / orders: list, show, and all that is done to them\n\n" +
			"The password of the console's admin is taken from HOTLINE_ADMIN_PASSWORD. With --as the command is\n" +
			"given as another account, whose password is taken from HOTLINE_PASSWORD: what one asks for another decides.",
		Example: "  hotline order register --type help --phone 13800000001 --summary 路灯不亮\n" +
			"  hotline order dispatch ZZ20261121-00042-7 --lead investment\n" +
			"  hotline order return allow ZZ20261121-00042-7 --lead merchants --as boss",
	}
	as := cmd.PersistentFlags().String("as", "admin", "account that the command is given as")
	admin := consoleOf(cmd)
	client := func() *consoleClient {
		c := admin()
		if c.account = *as; *as != "admin" {
			c.password = envOr("HOTLINE_PASSWORD", "")
		}
		return c
	}
	made := map[string]*cobra.Command{"": cmd}
	for _, op := range orderOps() {
		parent, word := "", op.words
		if i := strings.LastIndex(op.words, " "); i >= 0 {
			parent, word = op.words[:i], op.words[i+1:]
		}
		sub := newOrderOp(client, op, word)
		made[op.words] = sub
		made[parent].AddCommand(sub)
	}
	cmd.AddCommand(newOrderList(client), newOrderShow(client))
	return cmd
}

// orderOp is one operation as the command line has it.
type orderOp struct {
	console.Command
	words  string         // of the command line: "return allow"
	preset map[string]any // fields that the words themselves say
}

// orderWords are the operations that the command line calls otherwise than the API does, and
// those that are several of one.
var orderWords = []struct {
	name, words string
	preset      map[string]any
}{
	{"", "register", nil},
	{"extension", "extend", nil}, {"extension/allow", "extend allow", nil}, {"extension/refuse", "extend refuse", nil},
	{"pass", "review", nil},
	{"reviews", "redo", map[string]any{"kind": "redo"}}, {"reviews", "correct", map[string]any{"kind": "correction"}},
}

// orderOps are the operations, those with more words behind those with fewer.
func orderOps() []orderOp {
	var all []orderOp
	for _, c := range console.Commands() {
		if c.Name == "search" || c.Name == "suggest" {
			continue // they do nothing to an order
		}
		known := false
		for _, w := range orderWords {
			if w.name == c.Name {
				known = true
				all = append(all, orderOp{c, w.words, w.preset})
			}
		}
		if !known {
			all = append(all, orderOp{c, strings.ReplaceAll(c.Name, "/", " "), nil})
		}
	}
	slices.SortStableFunc(all, func(a, b orderOp) int { return strings.Count(a.words, " ") - strings.Count(b.words, " ") })
	return all
}

// path is where an operation is asked for.
func (op orderOp) path(args []string) string {
	if op.Name == "" {
		return "/api/v1/orders"
	}
	return "/api/v1/orders/" + url.PathEscape(args[0]) + "/" + op.Name
}

func newOrderOp(client func() *consoleClient, op orderOp, word string) *cobra.Command {
	cmd := &cobra.Command{Use: word + " NUMBER", Short: op.Summary, Args: cobra.ExactArgs(1)}
	if op.Name == "" {
		cmd.Use, cmd.Args = word, cobra.NoArgs
	}
	values := map[string]func() (any, error){}
	for _, f := range op.Fields {
		if _, said := op.preset[f.Name]; !said {
			values[f.Name] = bindField(cmd, f)
		}
	}
	key := cmd.Flags().String("key", "", "键:同一键只做一次 / makes the command one, however often it is sent")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body := map[string]any{}
		for name, value := range op.preset {
			body[name] = value
		}
		var errs []error
		for _, f := range op.Fields {
			if value := values[f.Name]; value != nil && cmd.Flags().Changed(flagName(f.Name)) {
				v, err := value()
				body[f.Name], errs = v, append(errs, err)
				if file := cmd.Flags().Lookup(flagName(f.Name)).Value.String(); f.Kind == "byte" && body["name"] == nil {
					body["name"] = filepath.Base(file)
				}
			}
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		c := client()
		return c.asAdmin(cmd, func() error {
			if *key != "" {
				c.header.Set("Idempotency-Key", *key)
			}
			return c.orderCommand(cmd, "POST "+op.path(args), body)
		})
	}
	return cmd
}

// flagName is a field as a flag: promised_at is --promised-at.
func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }

// bindField makes a field's flag, and reads it.
func bindField(cmd *cobra.Command, f console.Field) func() (any, error) {
	about := f.About
	if len(f.Enum) > 0 {
		about += ":" + strings.Join(f.Enum, "、")
	}
	if f.Required {
		about += "(必填)"
	}
	name, flags := flagName(f.Name), cmd.Flags()
	switch f.Kind {
	case "boolean":
		v := flags.Bool(name, false, about)
		return func() (any, error) { return *v, nil }
	case "integer":
		v := flags.Int(name, 0, about)
		return func() (any, error) { return *v, nil }
	case "array":
		v := flags.StringArray(name, nil, about+",可多次")
		return func() (any, error) { return *v, nil }
	case "byte":
		v := flags.String(name, "", about+":路径")
		return func() (any, error) { return os.ReadFile(*v) } // JSON carries bytes as base64
	case "date-time":
		v := flags.String(name, "", about+",如 2026-10-01T17:00(北京时间)")
		return func() (any, error) {
			t, err := parseMoment(*v)
			if err != nil || *v == "" {
				return nil, fmt.Errorf("--%s %q is no time: write it like 2026-10-01T17:00", name, *v)
			}
			return t.UTC().Format(time.RFC3339), nil
		}
	}
	v := flags.String(name, "", about)
	return func() (any, error) { return *v, nil }
}
