package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// onThePhone is an agent's work while a citizen talks and after: the knowledge base from within
// a form, and the desk that is not rung while the call is written up. No mouse is used.
func (p *page) onThePhone() {
	p.until(`() => document.querySelector('#tabs a[data-tab=knowledge]')`)
	p.pressWith("/", control)
	p.until(`() => document.activeElement.id === 'knowledge' && location.hash.startsWith('#/knowledge')`)
	p.until(`() => document.querySelectorAll('.entry').length === 3 && document.querySelector('.entry').textContent.includes('应急口径')`)
	p.write("派")
	p.press("Enter")
	p.until(`() => document.querySelectorAll('.entry').length === 1 && document.querySelector('.internal .warning').textContent.includes('不得告知诉求人')`)
	p.run(`() => { document.activeElement.blur(); }`, nil)
	p.press("n")
	p.until(`() => document.activeElement.id === 'new-phone'`)
	p.write("13700002222")
	p.pressWith("/", control)
	p.write("爆管")
	p.press("Enter")
	p.until(`() => document.querySelector('.lookup .entry')?.textContent.includes('建设路') && document.getElementById('new-phone').value === '13700002222'`)
	p.pictures("looked up while registering")
	p.run(`() => { location.hash = '#/desks'; }`, nil)
	p.until(`() => document.getElementById('seat-8001')`)
	for _, state := range []string{"空闲", "话后整理", "空闲"} {
		p.run(`() => { (document.getElementById('mine-8001') ?? document.getElementById('seat-8001')).focus(); }`, nil)
		p.press("Enter")
		p.until(fmt.Sprintf(`() => document.querySelector('#seat .badge')?.textContent === %q && document.querySelector('main .badge').textContent === %[1]q`, state))
		p.pictures("desk " + state)
	}
	p.run(`() => { document.activeElement.blur(); }`, nil)
	p.press("n") // what is being written stays while the call ends
	p.until(`() => document.activeElement.id === 'new-phone'`)
	p.write("13700003333")
	p.run(`() => { document.getElementById('mine-8001').focus(); }`, nil)
	p.press("Enter")
	p.until(`() => document.querySelector('#seat .badge').textContent === '话后整理' && document.getElementById('new-phone').value === '13700003333'`)
}

// wide makes the screen so many pixels wide; below 600 it is a phone's.
func (p *page) wide(pixels int) {
	p.t.Helper()
	p.tell("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 844, "deviceScaleFactor": 1, "mobile": pixels < 600}, nil)
}

// pictures are two of it, of a desk's screen and of a phone's.
func (p *page) pictures(name string) {
	p.t.Helper()
	for _, pixels := range []int{390, 1400} {
		p.wide(pixels)
		p.picture(fmt.Sprintf("%s %d", name, pixels))
	}
}

// picture keeps what the page looks like, for people, where HOTLINE_PICTURES names a folder.
func (p *page) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("HOTLINE_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data []byte }
	p.tell("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	name = strings.NewReplacer("#", "", "/", "-", "?", "-").Replace(name)
	must(p.t, os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o600))
}

// refusedAt waits for a refusal in words at the field that it is about.
func (p *page) refusedAt(field, words string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`() => document.activeElement.name === %q && document.activeElement.getAttribute('aria-invalid')
		&& document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent.includes(%q)`, field, words))
	p.complaints = nil // the browser notes the refusal, which was asked for
	p.pictures("refused at " + field + " " + words)
}

// atTheField looks that what is wrong with a decision, a call back, a reason or an export is
// said at its field, and that the same form goes through once it is mended.
func (p *page) atTheField(b *bench, s story) {
	press := func(words string) {
		p.t.Helper()
		p.until(fmt.Sprintf(`() => [...document.querySelectorAll('main button')].some((n) => n.textContent === %q && !n.disabled)`, words))
		p.run(fmt.Sprintf(`() => { [...document.querySelectorAll('main button')].find((n) => n.textContent === %q).click(); }`, words), nil)
	}
	goTo := func(hash string) {
		p.run(fmt.Sprintf(`() => { location.hash = %q; }`, hash), nil)
		p.until(fmt.Sprintf(`() => document.getElementById('main').dataset.at === %q`, hash))
	}
	goTo("#/callbacks?open=true")
	p.run(`() => { document.querySelector('main [name=reason]').value = ' '; }`, nil)
	press("已接通，登记原因")
	p.refusedAt("reason", "请登记原因")
	goTo("#/reviews?open=true")
	press("不同意")
	p.refusedAt("opinion", "请填写审核意见")
	p.write("录音与评价相符")
	press("不同意")
	p.until(`() => document.querySelector('main .empty')?.textContent === '没有申请'`)
	goTo("#/orders/" + s.order.Number)
	press("查看实名")
	p.until(`() => document.activeElement.name === 'reason'`)
	p.write(" ")
	p.press("Enter")
	p.refusedAt("reason", "原因")
	p.write("核对本人")
	p.press("Enter")
	p.until(`() => document.querySelector('main output')?.textContent.includes('41108119870304926X')`)
	p.pictures("papers shown")
	press("导出证据包")
	p.until(`() => document.activeElement.name === 'reason'`)
	p.write("移送")
	p.press("Enter")
	p.until(fmt.Sprintf(`() => document.querySelector('main').textContent.includes('已导出 %s.zip')`, s.order.Number))
	goTo("#/exports")
	p.run(`() => { document.getElementById('figures-until').value = '2099-01-01'; document.getElementById('figures-reason').value = '月报'; document.getElementById('figures-reason').form.requestSubmit(); }`, nil)
	p.refusedAt("until", "时段")
	p.run(`() => { document.getElementById('orders-reason').value = '月报'; document.getElementById('orders-reason').form.requestSubmit(); }`, nil)
	p.until(`() => document.querySelector('main').textContent.includes('已导出 orders.xlsx')`)
	log, err := b.store.AuditLog(p.t.Context(), dispatch.Filter{Act: dispatch.ActExport})
	must(p.t, err)
	slices.SortFunc(log, func(a, b dispatch.Audit) int { return int(a.Seq - b.Seq) })
	if len(log) != 2 || log[0].Text != "移送" || log[1].Text != "月报" {
		p.t.Errorf("the audit of exports: %+v", log)
	}
}

// withPapers gives the story what is asked and registered before somebody looks at it.
func (b *bench) withPapers(t *testing.T, s story) {
	t.Helper()
	agent := b.whoIs(console.Account{Name: "xiaoli", Roles: []console.Role{console.Agent}})
	agent.post("/orders/"+s.order.Number+"/identity", map[string]any{"name": "王先生", "kind": "id_card", "id_number": "41108119870304926X"}).want(t, 200)
	agent.post("/orders/"+s.order.Number+"/reviews", map[string]any{"kind": "correction", "rating": 2, "evidence": "call1"}).want(t, 201)
}
