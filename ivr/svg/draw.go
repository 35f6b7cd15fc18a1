package svg

import (
	"encoding/xml"
	"fmt"
	"strings"

	"hotline/ivr"
)

// look is how a verb's nodes are drawn.
type look struct{ fill, stroke, word string }

// looks are the verbs in colours and in Chinese words.
var looks = map[string]look{
	"say":       {"#eef4fb", "#5b87b8", "播报"},
	"menu":      {"#fff5df", "#c79a3c", "按键菜单"},
	"hours":     {"#f3effa", "#8a72b8", "作息判断"},
	"agents":    {"#e7f6ea", "#4d9a5d", "依次呼叫座席"},
	"duty":      {"#e7f6ea", "#4d9a5d", "依次呼叫值班"},
	"transfer":  {"#e7f6ea", "#4d9a5d", "转接"},
	"voicemail": {"#e4f3f5", "#3f8c98", "录音留言"},
	"query":     {"#fff5df", "#c79a3c", "凭单号查询"},
	"emergency": {"#fdeaea", "#c03a3a", "紧急求助"},
	"goodbye":   {"#f0f0f0", "#888888", "结束"},
}

// fonts are Chinese fonts of the usual systems.
const fonts = `'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Zen Hei',sans-serif`

// describe is the small line of a node.
func describe(n *ivr.Node) string { return looks[n.Verb].word }

// render writes the whole picture.
func (c *chart) render(p *ivr.Profile) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="%s">`+"\n",
		c.w, c.h, c.w, c.h, fonts)
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#667"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", c.w, c.h)
	c.renderBand(&b, p)
	for _, w := range c.wires {
		c.renderWire(&b, w)
	}
	for _, layer := range c.layers {
		for _, v := range layer {
			renderVertex(&b, v)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// serviceWords are the emergency services in Chinese.
var serviceWords = map[string]string{
	"police": "报警", "medical": "急救", "fire": "火警", "traffic": "交通事故", "water-rescue": "水上救援",
}

// renderBand draws the hotline's name and the emergency key, which works everywhere.
func (c *chart) renderBand(b *strings.Builder, p *ivr.Profile) {
	text(b, label{c.w / 2, margin + 10, 20, "#223", p.Name + " 通话流程"})
	services := make([]string, len(p.Emergency.Services))
	for i, s := range p.Emergency.Services {
		services[i] = fmt.Sprintf("%c %s %s", s.Key, serviceWords[s.Name], s.Number)
	}
	line := fmt.Sprintf("任何时刻按 %c:紧急求助(%s)", p.Emergency.Key, strings.Join(services, ","))
	width := min(textWidth(line, fontSize)+2*padX, c.w-margin)
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="30" rx="6" fill="#fdeaea" stroke="#c03a3a"/>`+"\n",
		(c.w-width)/2, margin+30, width)
	text(b, label{c.w / 2, margin + 45, min(fontSize, fontSize*(width-8)/textWidth(line, fontSize)), "#8c1f1f", line})
}

// renderWire draws a line as smooth curves through its vertices, with a tip at its end.
func (c *chart) renderWire(b *strings.Builder, w wire) {
	var d strings.Builder
	last := w.path[0]
	sign := 1.0
	if w.back {
		sign = -1
	}
	x, y := last.x, last.y+sign*last.h/2
	fmt.Fprintf(&d, "M%.1f %.1f", x, y)
	for _, v := range w.path[1:] {
		enter := v.y - sign*v.h/2
		bend := (enter - y) / 2
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", x, y+bend, v.x, enter-bend, v.x, enter)
		x, y = v.x, v.y+sign*v.h/2
		if v.h > 0 && v.node == nil {
			fmt.Fprintf(&d, "L%.1f %.1f", x, y)
		}
	}
	dash := ""
	if w.back {
		dash = ` stroke-dasharray="5 4"`
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="#667" stroke-width="1.3"%s marker-end="url(#tip)"/>`+"\n", d.String(), dash)
}

// renderVertex draws a node, or the words on a line.
func renderVertex(b *strings.Builder, v *vertex) {
	if v.node == nil {
		renderLabel(b, v)
		return
	}
	k := looks[v.node.Verb]
	width := 1.2
	if v.served {
		width = 2.2
	}
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="8" fill="%s" stroke="%s" stroke-width="%.1f"/>`+"\n",
		v.x-v.w/2, v.y-v.h/2, v.w, v.h, k.fill, k.stroke, width)
	text(b, label{v.x, v.y - 9, fontSize, "#223", v.node.Title})
	text(b, label{v.x, v.y + 12, smallSize, k.stroke, describe(v.node)})
}

func renderLabel(b *strings.Builder, v *vertex) {
	if len(v.label) == 0 {
		return
	}
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3" fill="#ffffff"/>`+"\n", v.x-v.w/2, v.y-v.h/2, v.w, v.h)
	for i, line := range v.label {
		text(b, label{v.x, v.y - v.h/2 + 3 + lineH*(float64(i)+0.5), smallSize, "#445", line})
	}
}

// label is one line of text, centred.
type label struct {
	x, y, size float64
	fill, text string
}

// text sets a line's middle at y. The base line is worked out here because not every
// viewer knows dominant-baseline.
func text(b *strings.Builder, l label) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="%.1f" fill="%s" text-anchor="middle">`,
		l.x, l.y+l.size*0.36, l.size, l.fill)
	_ = xml.EscapeText(b, []byte(l.text)) // a strings.Builder does not fail
	b.WriteString("</text>\n")
}

// textWidth estimates how wide a text is drawn: a Chinese character is as wide as
// high, others a bit more than half.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		if r >= 0x2e80 {
			w += size
		} else {
			w += size * 0.58
		}
	}
	return w
}
