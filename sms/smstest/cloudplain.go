package smstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// cloudPlain is the interface of httpapi's plain description.
type cloudPlain struct{ cloudProtocol }

func (cloudPlain) id(n uint64, _ time.Time) string { return strconv.FormatUint(n, 10) }

func (cloudPlain) serve(c *Cloud, r cloudRequest) {
	var req struct{ Account, To, Sign, Text, Ext, Ref string }
	switch {
	case r.Header.Get("Authorization") != "Bearer "+c.c.opt.Password:
		r.w.WriteHeader(http.StatusUnauthorized)
	case json.Unmarshal(r.body, &req) != nil || c.c.opt.SystemID != "" && req.Account != c.c.opt.SystemID:
		r.w.WriteHeader(http.StatusBadRequest)
	case r.URL.Path == "/v1/messages":
		c.take(r, cloudSubmit{req.Ref, req.To, req.Ext, req.Sign, req.Text}, func(sub Submit, status uint32) {
			if status == cloudBusy {
				r.w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			say(r.w, http.StatusOK, map[string]any{"status": status, "reason": "", "msgid": number(sub.ID)})
		})
	case r.URL.Path == "/v1/receipts":
		c.knows()
		say(r.w, http.StatusOK, map[string]any{"list": plainReceipts(c, req.Ref)})
	default:
		r.w.WriteHeader(http.StatusNotFound)
	}
}

// plainReceipts are those of one text, by the hotline's id.
func plainReceipts(c *Cloud, ref string) []any {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []any{}
	for _, n := range c.states {
		if n.sub.Ref == ref {
			list = append(list, map[string]any{
				"msgid": number(n.sub.ID), "ref": ref, "mobile": n.sub.To, "stat": n.state, "done": n.receipt.done.UnixMilli(),
			})
		}
	}
	return list
}

func (cloudPlain) callback(n *news) (kind string, body []byte) {
	if t := n.text; t != nil {
		return "/texts", []byte(url.Values{
			"moid": {fmt.Sprint(t.id)}, "from": {"86" + t.from}, "to": {t.to}, "text": {t.text},
			"time": {t.at.In(time.FixedZone("CST", 8*60*60)).Format("200601021504")},
		}.Encode())
	}
	return "/receipts", []byte(url.Values{
		"msgid": {n.sub.ID}, "ref": {n.sub.Ref}, "mobile": {n.sub.To}, "stat": {n.state}, "done": {fmt.Sprint(n.receipt.done.UnixMilli())},
	}.Encode())
}
