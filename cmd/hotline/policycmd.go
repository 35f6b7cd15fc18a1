package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"hotline/cmd/conform"
	"hotline/deploy"
	"hotline/dispatch"
)

// newPolicyCommand shows what holds at a hotline, and what may be said in its policy.yaml.
func newPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "热线的规矩:现行各项与字段说明 / what holds at a hotline, and the fields of policy.yaml"}
	var dir, id string
	show := &cobra.Command{
		Use:   "show",
		Short: "列出现行各项,法定与自定分开 / every value in force, law and choice apart",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, hotlines, err := hotlinesOf(dir)
			if err != nil {
				return err
			}
			ids := profileIDs(hotlines)
			if id != "" {
				ids = []string{id}
			}
			book, err := bookOf(files)
			if err != nil {
				return err
			}
			for _, id := range ids {
				policy, err := dispatch.LoadPolicy(hotlines, path.Join(id, "policy.yaml"))
				if err != nil {
					return err
				}
				showPolicy(cmd.OutOrStdout(), policy, book)
			}
			return nil
		},
	}
	bindDeploy(show.Flags(), &dir)
	show.Flags().StringVar(&id, "hotline", "", "only this hotline (default: all)")
	reference := &cobra.Command{
		Use:   "reference",
		Short: "policy.yaml 的字段说明,即 docs/policy.md / the fields of policy.yaml, which is docs/policy.md",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(policyReference())
			return err
		},
	}
	cmd.AddCommand(show, reference, newQuestionsCommand())
	return cmd
}

// bookOf is the list of clauses in a deploy folder; one without it has the built-in.
func bookOf(files fs.FS) (*conform.Book, error) {
	if _, err := fs.Stat(files, rulesFile); err != nil {
		files = deploy.Files
	}
	return conform.Load(files, rulesFile)
}

// showPolicy prints the values of a policy, those of the law first.
func showPolicy(w io.Writer, p *dispatch.Policy, book *conform.Book) {
	fmt.Fprintf(w, "%s(%s)\n", p.Hotline.Name, p.Hotline.ID)
	for _, law := range []bool{true, false} {
		fmt.Fprintln(w, map[bool]string{true: " 法定 / by the regulation", false: " 自定 / our choice, 推荐"}[law])
		for _, v := range p.Values {
			if (v.Source.Rec == "") != law {
				continue
			}
			why := v.Source.Rule
			if !law {
				why = v.Source.Rec
				if v.Source.Rule != "" {
					why += "(" + v.Source.Rule + ")"
				}
			}
			fmt.Fprintf(w, "  %s: %s  [%s]\n", v.Path, v.Text, why)
		}
	}
	fmt.Fprintln(w, " 所依条款 / clauses")
	seen := map[string]bool{}
	for _, v := range p.Values {
		for _, rule := range strings.Fields(v.Source.Rule) {
			if words := cmp.Or(p.Clauses[rule], book.Words(rule)); !seen[rule] && words != "" {
				seen[rule] = true
				fmt.Fprintf(w, "  %-10s %s\n", rule, words)
			}
		}
	}
}

// policyReference is docs/policy.md.
func policyReference() []byte {
	var b bytes.Buffer
	b.WriteString("# policy.yaml 的字段\n\n" +
		"本页由 `hotline policy reference > docs/policy.md` 生成,不要手改。Generated; do not edit.\n\n" +
		"每一项都写明出处:`rule` 是本办法的条款(在 `deploy/rules.yaml` 里,或列在本文件的 `clauses` 里);`rec` 是原文没有写时我们的理由。\n" +
		"写在一段里,管这一段的各项;只管一项的写成 `名字: {is: 值, rule: 条款}` 或 `名字: {is: 值, rec: 理由}`。两者都有:条款把这个值留给热线自定。\n" +
		"Every value says where it comes from: `rule`, a clause of this regulation, or `rec`, our reason where the regulation is silent.\n\n" +
		"`*` 是任意键,`[]` 是列表的每一项。`hotline policy show` 列出各热线现行的值,`hotline check` 一次指出全部错误。\n\n" +
		"| 字段 | 类型 | 单位 | 缺省 | 含义 | meaning |\n|---|---|---|---|---|---|\n")
	for _, f := range dispatch.PolicyFields() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", f.Path, f.Type, f.Unit, f.Default, f.Meaning, f.English)
	}
	return b.Bytes()
}
