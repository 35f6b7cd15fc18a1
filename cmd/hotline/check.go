package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// newCheckCommand reads everything a hotline is configured with and says all that is
// wrong with it at once; it needs nothing to be running.
func newCheckCommand() *cobra.Command {
	var (
		dir   string
		set   settings
		texts bool
	)
	cmd := &cobra.Command{
		Use:   "check [profile...]",
		Short: "检查热线配置,一次列出全部问题 / check the configuration, all problems at once",
		RunE: func(cmd *cobra.Command, ids []string) error {
			files, hotlines, err := hotlinesOf(dir)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				ids = profileIDs(hotlines)
			}
			c := checker{showTexts: texts, files: files, hotlines: hotlines, now: time.Now(), say: func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) }}
			for _, id := range ids {
				c.check(id)
			}
			if set.Links != "" {
				_, problems := fileLinks(set.Links)
				c.problems(problems)
			}
			if c.faults > 0 {
				c.say(fmt.Sprintf("共 %d 处错误,%d 处提醒", c.faults, c.warnings))
				return errReported
			}
			c.say(fmt.Sprintf("全部通过:%d 条热线,%d 处提醒(%s)", len(ids), c.warnings, cmp.Or(dir, "内置配置 / built in")))
			return nil
		},
	}
	bindDeploy(cmd.Flags(), &dir)
	set.bindLinks(cmd.Flags())
	cmd.Flags().BoolVar(&texts, "texts", false, "show each template of a text filled with its longest values")
	return cmd
}

// checker goes through hotlines and counts what it finds.
type checker struct {
	files            fs.FS // deploy/
	hotlines         fs.FS // deploy/hotlines
	now              time.Time
	say              func(line string)
	showTexts        bool
	faults, warnings int
}

// check goes through one hotline's folder.
func (c *checker) check(id string) {
	before := c.faults
	if _, err := fs.Stat(c.hotlines, id); err != nil {
		c.fault(fmt.Errorf("没有热线 %q,只有 %s", id, strings.Join(profileIDs(c.hotlines), "、")))
		return
	}
	flow := c.flow(id)
	policy, err := dispatch.LoadPolicy(c.hotlines, path.Join(id, "policy.yaml"))
	c.fault(err)
	if err == nil {
		c.problems(policy.Warnings)
		book, err := bookOf(c.files)
		c.fault(err)
		if err == nil {
			c.problems(policy.CheckRules(book.Known()))
		}
		if c.showTexts {
			previews(id, policy, c.say)
		}
	}
	if flow != nil && err == nil {
		c.classes(flow, policy)
	}
	_, problems := folderLinks(c.hotlines, id)
	c.problems(problems)
	c.units(id, policy)
	c.roster(id)
	c.calendar(id)
	if c.faults == before {
		c.say(id + " 通过")
	}
}

// previews tells of each template how it goes out at its longest: length with the signature,
// segments, words.
func previews(id string, policy *dispatch.Policy, say func(line string)) {
	for _, p := range policy.Previews() {
		say(fmt.Sprintf("%s %s: %d 字,%d 条 / segments\n    %s", id, p.Name, p.Units, p.Segments, p.Text))
	}
}

// flow checks flow and profile, each by itself and together, and the prompts they use.
func (c *checker) flow(id string) *ivr.Flow {
	source := func(name string) (string, []byte) {
		file := path.Join(id, name)
		src, err := fs.ReadFile(c.hotlines, file)
		c.fault(err)
		return file, src
	}
	profile, problems := ivr.ParseProfile(source("profile.yaml"))
	c.problems(problems)
	if profile != nil && profile.Unnumbered {
		c.warn(id + "/profile.yaml: number 未填,只能演示,不能开线 [SQ-0]")
	}
	texts, err := fs.Sub(c.files, "prompts")
	c.fault(err)
	script, err := voice.ReadScript(texts)
	c.fault(err)
	if script == nil {
		return nil
	}
	file, src := source("flow.yaml")
	flow, problems := ivr.LintFlow(file, src, profile, scripted{script})
	c.problems(problems)
	return flow
}

// scripted says which prompts are written, whether or not they have been rendered.
type scripted struct{ script *voice.Script }

// Has reports whether there is a prompt.
func (s scripted) Has(id string) bool {
	_, ok := s.script.Prompts[id]
	return ok
}

// Names lists them, for a suggestion.
func (s scripted) Names() []string { return slices.Sorted(maps.Keys(s.script.Prompts)) }

// classes reports requests that a menu offers and the policy does not accept (ZZ-2).
func (c *checker) classes(flow *ivr.Flow, policy *dispatch.Policy) {
	for _, class := range flow.Classes() {
		if !policy.Accepts(class) {
			c.fault(fmt.Errorf("%s: 菜单提供 %q,policy.yaml 的 types 不受理 [ZZ-2]", flow.File, class))
		}
	}
}

// units reports what is wrong with the list of units, and what the regulation misses in it.
func (c *checker) units(id string, policy *dispatch.Policy) {
	file := path.Join(id, "units.yaml")
	if policy == nil {
		_, err := dispatch.LoadUnits(c.hotlines, file)
		c.fault(err)
		return
	}
	_, err := dispatch.LoadKnowledge(c.hotlines, path.Join(id, "knowledge.yaml"))
	c.fault(err)
	problems, err := policy.CheckUnits(c.hotlines, file)
	c.fault(err)
	c.problems(problems)
}

// roster reports times without anybody on duty in the month to come (ZZ-20.5).
func (c *checker) roster(id string) {
	roster, err := dispatch.LoadRoster(c.hotlines, path.Join(id, "roster.yaml"))
	c.fault(err)
	if err != nil {
		return
	}
	for _, gap := range roster.Gaps(c.now, c.now.AddDate(0, 1, 0)) {
		c.warn(fmt.Sprintf("%s/roster.yaml: %s 至 %s 无人在岗(%s)[ZZ-20.5]", id,
			gap.From.In(dispatch.Place).Format("01-02 15:04"), gap.To.In(dispatch.Place).Format("01-02 15:04"), gap.List))
	}
}

// calendar reports that this year's working days are not known.
func (c *checker) calendar(id string) {
	days, err := calendar.LoadDir(c.files, "calendar")
	c.fault(err)
	if err == nil && !days.Covers(c.now.Year()) {
		c.warn(fmt.Sprintf("%s: 工作日历缺 %d 年,期限只能暂定", id, c.now.Year()))
	}
}

func (c *checker) problems(all ivr.Problems) {
	for _, p := range all {
		if p.Warning {
			c.warn(p.String())
			continue
		}
		c.faults++
		c.say(p.String())
	}
}

// fault notes an error; joined errors count one by one, and what names several
// problems lists them itself.
func (c *checker) fault(err error) {
	if err == nil {
		return
	}
	var many dispatch.Problems
	if errors.As(err, &many) {
		c.faults += len(many) - 1
	}
	c.faults++
	c.say(err.Error())
}

func (c *checker) warn(line string) {
	c.warnings++
	c.say(line)
}
