package main

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"hotline/deploy"
	"hotline/dispatch"
)

// newQuestionsCommand shows what the regulations leave open.
func newQuestionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "questions",
		Short: "五份办法没有写明的问题与开关,即 docs/questions.md / what the regulations leave open, and the switches",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := policyQuestions()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(page)
			}
			return err
		},
	}
}

// policyQuestions is docs/questions.md, with what the five built-in hotlines say today.
func policyQuestions() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# 办法没有写明的问题\n\n" +
		"本页由 `hotline policy questions > docs/questions.md` 生成,不要手改。Generated; do not edit.\n\n" +
		"五份办法有话没说尽的地方,这里逐条列出:我们取哪种读法,哪个字段改取另一种,哪个测试两种都演示。\n" +
		"“现行”是五家配置里写明的值;没有写的按默认。字段的含义见 [policy.md](policy.md)。\n" +
		"What the five regulations leave open: the reading we took, the field that takes the other one, and the test that shows both.\n\n" +
		"| | 问题 / question | 默认 / default | 开关 / switch | 现行 / in force | 测试 / test |\n|---|---|---|---|---|---|\n")
	policies, err := fivePolicies()
	if err != nil {
		return nil, err
	}
	for _, q := range dispatch.Questions() {
		by := q.Why
		if q.Switch != "" {
			by = "`" + q.Switch + "`"
		}
		test := ""
		if q.Test != "" {
			test = fmt.Sprintf("`%s`", strings.Replace(q.Test, " ", "` `", 1))
		}
		fmt.Fprintf(&b, "| Q%d | %s<br>%s | %s<br>%s | %s | %s | %s |\n", q.N, q.Ask, q.English, q.Default, q.DefaultEn, by,
			strings.Join(inForce(policies, q.Switch), "<br>"), test)
	}
	return b.Bytes(), nil
}

// fiveIDs are the built-in hotlines.
var fiveIDs = []string{"zz", "sq", "kf", "zq", "xz"}

// fivePolicies are theirs.
func fivePolicies() ([]*dispatch.Policy, error) {
	var all []*dispatch.Policy
	for _, id := range fiveIDs {
		p, err := dispatch.LoadPolicy(deploy.Files, path.Join("hotlines", id, "policy.yaml"))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// inForce is what the hotlines say in a field or below it, with where that comes from.
func inForce(policies []*dispatch.Policy, field string) []string {
	var lines []string
	for _, p := range policies {
		for _, v := range p.Values {
			if rest, ok := strings.CutPrefix(v.Path, field); field != "" && ok && (rest == "" || rest[0] == '.') {
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s%s: %s (%s)", p.Hotline.ID, strings.ReplaceAll(rest, ".", " "), v.Text,
					cmp.Or(v.Source.Rec, v.Source.Rule))))
			}
		}
	}
	return lines
}
