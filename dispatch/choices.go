package dispatch

import (
	"maps"
	"slices"
	"strconv"
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
	add("contact.how", p.ContactRule, "phone", "sms", "visit")
	add("approve.level", "KF-3.2", string(ForApproval1), string(ForApproval2), string(ForApproval3))
	add("reviews.kind", "ZQ-15.6", string(ForCorrection), string(ForRedo))
	return c
}

// choiceWords are values as people say them.
var choiceWords = map[string]string{
	"major": "重大", "important": "重要", "special": "特殊",
	"office": "已报告办公室", "hotline": "已抄送热线", "caller": "已告知诉求人", "resolved": "已解决", "explained_constraint": "条件所限,已解释",
	"declined_policy": "与政策不符,已解释", "phone": "电话", "sms": "短信", "visit": "上门", string(ForApproval1): "秘书长", string(ForApproval2): "副市长",
	string(ForApproval3): "市长", string(ForCorrection): "误评核改", string(ForRedo): "要求重办",
}
