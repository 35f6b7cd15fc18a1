package dispatch

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Choice is one value that a field of a command may have.
type Choice struct {
	Value string `json:"value"`
	Words string `json:"words"`
	Rule  string `json:"rule"` // the clause, where the value has one
}

// Choices are the values that a command's fields may have here, by "command.field" as the
// API calls them: "reject.code". A field without a line takes what is written. The units are
// under "units".
func (o *Office) Choices() map[string][]Choice {
	p := o.policy.Life
	c := map[string][]Choice{"units": {}}
	for _, u := range o.units {
		c["units"] = append(c["units"], Choice{Value: u.ID, Words: u.Name})
	}
	for _, r := range p.Reject {
		c["reject.code"] = append(c["reject.code"], Choice{r.Code, r.Words, r.Rule})
	}
	add := func(field, rule string, values ...string) {
		for _, v := range values {
			words := codeWords[v]
			if words == "" {
				words = choiceWords[v]
			}
			if words == "" {
				words = v
			}
			c[field] = append(c[field], Choice{v, words, rule})
		}
	}
	add("return/refuse.code", "ZQ-10", p.Returns.Refusals...)
	if p := o.policy.Urge.Perfunctory; p.N > 0 {
		add("send-back.code", perfunctoryRule, Perfunctory)
	}
	add("extension.code", p.Extension.Rule, p.Extension.Reasons...)
	add("extension.told", p.Extension.Rule, p.Extension.Told...)
	add("pass.checks", p.Review.FieldsRule, p.Review.Checks...)
	if len(p.Review.Explain) > 0 {
		add("submit.outcome", p.Review.FieldsRule, append([]string{"resolved"}, p.Review.Explain...)...)
	}
	for i := range p.Tiers {
		tier := strconv.Itoa(i + 1)
		c["tier.tier"] = append(c["tier.tier"], Choice{tier, "第" + tier + "类", tierRule(i + 1)})
	}
	for _, reason := range []string{"anonymous", "declined", "withdrawn"} {
		c["no-reply.reason"] = append(c["no-reply.reason"], Choice{reason, noReplyWords[reason], "ZQ-13.2"})
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Asks)) {
		for _, command := range []string{"ask", "ask/decide"} {
			c[command+".kind"] = append(c[command+".kind"], Choice{string(kind), askKinds[kind], p.Asks[kind].Rule})
		}
		add("ask.level", p.Asks[kind].Rule, p.Asks[kind].Levels...)
	}
	for _, cat := range p.Categories {
		c["classify.category"] = append(c["classify.category"], Choice{cat.Code, cat.Words, cat.Rule})
	}
	for _, code := range p.Form.Dispositions {
		c["form.disposition"] = append(c["form.disposition"], Choice{code, dispositionWords[code], p.Form.Rule})
	}
	if p.ConsentRule != "" {
		for _, u := range c["units"] {
			c["consent.unit"] = append(c["consent.unit"], Choice{u.Value, u.Words, p.ConsentRule})
		}
	}
	for _, source := range o.policy.sources() {
		c["classify.source"] = append(c["classify.source"], Choice{Value: source, Words: sourceWords(source)})
	}
	for _, way := range p.ways() {
		for _, command := range []string{"dispatch", "return/allow"} {
			c[command+".way"] = append(c[command+".way"], Choice{Value: way, Words: sourceWords(way)})
		}
	}
	for _, mode := range p.Reply.Modes {
		rule := p.Reply.Rule
		if mode == ReplyPrivate {
			rule = p.Reply.PrivateRule
		}
		c["reply.mode"] = append(c["reply.mode"], Choice{mode, replyWords[mode], rule})
	}
	add("contact.how", p.ContactRule, "phone", "sms", "visit")
	add("approve.level", "KF-3.2", string(ForApproval1), string(ForApproval2), string(ForApproval3))
	add("reviews.kind", "ZQ-15.6", string(ForCorrection), string(ForRedo))
	return c
}

// sources are what the rules know of where an order may come from, beside its citizen.
func (p *Policy) sources() []string {
	all := slices.Concat(p.Life.SuperviseFrom, p.Supervise.Sources)
	for way := range p.Life.Ways {
		all = append(all, way)
	}
	for _, ask := range p.Life.Asks {
		all = append(all, ask.From...)
	}
	return codes(all)
}

// ways are what the rules know of how an order may be given out.
func (p LifePolicy) ways() []string {
	return codes(append(slices.Collect(maps.Keys(p.Ways)), p.Sign.Way))
}

// codes are those of a list in order, each once: of "enterprise:consult" what stands before the
// type, and not "dual", which is no code of an order.
func codes(all []string) (list []string) {
	for _, code := range all {
		if code, _, _ = strings.Cut(code, ":"); code != "" && code != "dual" {
			list = append(list, code)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sourceWords is what a source is called; one that nobody has a word for is its code.
func sourceWords(source string) string {
	words := map[string]string{"leader": "领导批办", "mayor": "市长", "vice_mayor": "副市长", "secretary": "秘书长", "upper": "上级交办", "assigned": "指定办理", "media": "媒体曝光",
		"internet_supervision": "互联网+督查", "written": "书面交办", "express": "直通车", "hotline": "热线派发", "enterprise": "企服平台"}
	return cmp.Or(words[source], source)
}

// choiceWords are values as people say them.
var choiceWords = map[string]string{
	Perfunctory: "认定敷衍,责令重办", "major": "重大", "important": "重要", "special": "特殊",
	"office": "已报告办公室", "hotline": "已抄送热线", "caller": "已告知诉求人", "resolved": "已解决", "explained_constraint": "条件所限,已解释",
	"declined_policy": "与政策不符,已解释", "phone": "电话", "sms": "短信", "visit": "上门", string(ForApproval1): "秘书长", string(ForApproval2): "副市长",
	string(ForApproval3): "市长", string(ForCorrection): "误评核改", string(ForRedo): "要求重办",
}
