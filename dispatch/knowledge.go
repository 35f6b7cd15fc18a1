package dispatch

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"hotline/deploy/fault"
	"hotline/sms"
)

// Who may read an entry (ZQ-22.2).
const (
	Internal = "internal" // the hotline's own people, for their work alone: it never answers a citizen
	External = "external" // everybody: it may be quoted, and is found by the public
)

// Entry is one piece of knowledge, from hotlines/<id>/knowledge.yaml.
type Entry struct {
	ID       string   `yaml:"id" json:"id"`
	Title    string   `yaml:"title" json:"title"`
	Words    string   `yaml:"words" json:"words"`
	Audience string   `yaml:"audience" json:"audience"` // Internal or External
	Tags     []string `yaml:"tags" json:"tags"`         // what it is about, and for which enterprises (XZ-6.1)
	Unit     string   `yaml:"unit" json:"unit"`         // id of the unit that answers for it; empty: the hotline
	Urgent   bool     `yaml:"urgent" json:"urgent"`     // what to say of a sudden matter: it comes first (ZQ-21.3)
	From     string   `yaml:"from" json:"from"`         // its first and last day, YYYY-MM-DD; empty: always
	Until    string   `yaml:"until" json:"until"`
}

// Company is one that wants to hear of policies, from hotlines/<id>/knowledge.yaml.
type Company struct {
	ID    string   `yaml:"id"`
	Name  string   `yaml:"name"`
	Phone string   `yaml:"phone"`
	Tags  []string `yaml:"tags"`
	Texts bool     `yaml:"texts"` // it agreed to be texted; else nobody texts it
}

// Knowledge is a hotline's: its entries, and the companies that policies are pushed to.
type Knowledge struct {
	Entries   []Entry   `yaml:"entries"`
	Companies []Company `yaml:"companies"`
}

// LoadKnowledge reads and checks a hotline's knowledge. Without the file it is empty. All its
// problems are returned at once, as Problems.
func LoadKnowledge(fsys fs.FS, name string) (Knowledge, error) {
	src, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Knowledge{}, nil
	}
	if err != nil {
		return Knowledge{}, fmt.Errorf("read knowledge: %w", err)
	}
	var k Knowledge
	d := fault.Read(name, src, &k)
	seen := map[string]bool{}
	for i, e := range k.Entries {
		path := fmt.Sprintf("entries[%d]", i)
		if seen[e.ID] {
			d.Fault(path, "entry %q is listed twice", e.ID)
		}
		seen[e.ID] = true
		e.check(d, path)
	}
	seen = map[string]bool{}
	for i, c := range k.Companies {
		path := fmt.Sprintf("companies[%d]", i)
		if c.ID == "" || c.Name == "" || seen[c.ID] {
			d.Fault(path, "a company needs an id of its own and a name")
		}
		seen[c.ID] = true
		if _, err := sms.Normalize(c.Phone); err != nil {
			d.Fault(path, "%v", err)
		}
	}
	return k, d.Err()
}

func (e Entry) check(d *fault.Document, path string) {
	if e.ID == "" || e.Title == "" || e.Words == "" {
		d.Fault(path, "an entry needs id, title and words")
	}
	if e.Audience != Internal && e.Audience != External {
		d.Unknown(path+".audience", e.Audience, "an entry is internal or external, not %q [ZQ-22.2]", []string{Internal, External})
	}
	for field, day := range map[string]string{"from": e.From, "until": e.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			d.Fault(path+"."+field, "%q is not a day like 2026-11-30", day)
		}
	}
	if e.Until != "" && e.Until < e.From {
		d.Fault(path, "it ends before it begins")
	}
}

// inForce says whether an entry holds on the day of a moment.
func (e Entry) inForce(at time.Time) bool {
	day := at.In(Place).Format(time.DateOnly)
	return day >= e.From && (e.Until == "" || day <= e.Until)
}

// Found lists the entries in force that have all words of a question in title, tags or words,
// what is urgent first; public leaves out what is internal (ZQ-22.2). Without a question it
// lists all.
func (o *Office) Found(question string, public bool) []Entry {
	all := []Entry{}
	for _, e := range o.knowledge.Entries {
		if public && e.Audience != External || !e.inForce(o.now()) {
			continue
		}
		text := strings.ToLower(e.Title + "\n" + e.Words + "\n" + strings.Join(e.Tags, "\n"))
		if !slices.ContainsFunc(strings.Fields(strings.ToLower(question)), func(w string) bool { return !strings.Contains(text, w) }) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Entry) int {
		switch {
		case a.Urgent && !b.Urgent:
			return -1
		case b.Urgent && !a.Urgent:
			return 1
		}
		return 0
	})
	return all
}

// shortestQuote is from how many runes on a sentence of an internal entry is known again.
const shortestQuote = 8

// quotable refuses an answer to a citizen that repeats a sentence of an internal entry: these
// are for the hotline's own work and answer nobody (ZQ-22.2). What is internal stays so when it
// is no longer in force.
func (o *Office) quotable(field, answer string) error {
	answer = bare(answer)
	for _, e := range o.knowledge.Entries {
		if e.Audience != Internal {
			continue
		}
		for _, sentence := range strings.FieldsFunc(e.Words, func(r rune) bool { return strings.ContainsRune("。！？;；!?\n", r) }) {
			if sentence = bare(sentence); len([]rune(sentence)) >= shortestQuote && strings.Contains(answer, sentence) {
				return refuse(ErrInvalid, Refusal{Field: field, Rule: "ZQ-22.2", Text: "引用了内部知识条目“" + e.Title + "”,内部条目不得用于直接答复"})
			}
		}
	}
	return nil
}

// citable refuses an internal entry, by its id or title, as what an answer rests on (ZQ-22.2).
func (o *Office) citable(source string) error {
	for _, e := range o.knowledge.Entries {
		if e.Audience == Internal && (source == e.ID || source == e.Title) {
			return refuse(ErrInvalid, Refusal{Field: "source", Rule: "ZQ-22.2", Text: "“" + e.Title + "”是内部条目,不得引用为答复依据"})
		}
	}
	return nil
}

// bare is a text without what does not change its words.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n,，、.:：“”\"'()（）", r) {
			return -1
		}
		return r
	}, s)
}

// entry finds one by its id.
func (o *Office) entry(id string) (Entry, error) {
	i := slices.IndexFunc(o.knowledge.Entries, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, fmt.Errorf("knowledge entry %q: %w", id, ErrNotFound)
	}
	return o.knowledge.Entries[i], nil
}

// wants says whether an entry is for a company: they have a tag in common.
func (c Company) wants(e Entry) bool {
	return slices.ContainsFunc(c.Tags, func(t string) bool { return slices.Contains(e.Tags, t) })
}

// pushRule is the clause by which policies are pushed to enterprises.
func (o *Office) pushRule() string { return cmp.Or(o.policy.Life.PushRule, "XZ-6.1") }
