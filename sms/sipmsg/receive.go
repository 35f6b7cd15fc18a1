package sipmsg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"hotline/sms"
)

// longestText is the longest body we take, in octets: some thousand characters.
const longestText = 8 << 10

// reply is our final answer to a request.
type reply struct {
	status  int
	reason  string
	headers []sip.Header
}

// What we say to requests.
var (
	saidOK      = reply{200, "OK", nil}
	notAllowed  = reply{405, "Method Not Allowed", []sip.Header{sip.NewHeader("Allow", "MESSAGE, OPTIONS")}}
	malformed   = reply{400, "Bad Request", nil}
	stranger    = reply{403, "Forbidden", nil}
	noDialog    = reply{481, "Call/Transaction Does Not Exist", nil}
	tooLarge    = reply{413, "Request Entity Too Large", nil}
	wrongMedia  = reply{415, "Unsupported Media Type", []sip.Header{sip.NewHeader("Accept", "text/plain;charset=UTF-8"), sip.NewHeader("Accept-Encoding", "identity")}}
	notStored   = reply{500, "Server Internal Error", []sip.Header{sip.NewHeader("Retry-After", "60")}}
	unavailable = reply{503, "Service Unavailable", []sip.Header{sip.NewHeader("Retry-After", "60")}}
	abilities   = reply{200, "OK", []sip.Header{sip.NewHeader("Allow", "MESSAGE, OPTIONS"), sip.NewHeader("Accept", "text/plain;charset=UTF-8")}}
)

// answer says what is done with each kind of request.
func (s *stack) answer(ctx context.Context, srv *sipgo.Server) {
	say := func(f func(*sip.Request) reply) sipgo.RequestHandler {
		return func(req *sip.Request, tx sip.ServerTransaction) {
			r := unavailable
			if s.enter() {
				defer s.leave()
				r = f(req)
			}
			s.respond(req, tx, r)
		}
	}
	srv.OnMessage(say(func(req *sip.Request) reply { return s.take(ctx, req) }))
	srv.OnOptions(say(func(*sip.Request) reply { return abilities }))
	srv.OnAck(func(*sip.Request, sip.ServerTransaction) {}) // never answered
	srv.OnNoRoute(say(func(*sip.Request) reply { return notAllowed }))
}

// respond answers. When that is lost the phone asks again, and the stack answers the same.
func (s *stack) respond(req *sip.Request, tx sip.ServerTransaction, r reply) {
	res := sip.NewResponseFromRequest(req, r.status, r.reason, nil)
	for _, h := range r.headers {
		res.AppendHeader(h)
	}
	if r.status >= 300 {
		s.link.count(func(st *Stats) { st.Refused++ })
	}
	if err := tx.Respond(res); err != nil {
		s.link.cfg.Log.Debug("answer not sent", "status", r.status, "err", err)
	}
}

// take stores a text, or says why not.
func (s *stack) take(ctx context.Context, req *sip.Request) reply {
	from := s.link.book.sender(req)
	if r := s.judge(req, from); r.status != 0 {
		return r
	}
	err := s.link.sink.Arrived(ctx, sms.Part{
		Link: s.link.cfg.Name, ID: idOf(req), From: from, To: s.link.cfg.Number, Text: string(req.Body()), At: s.link.cfg.Clock.Now(),
	})
	if err != nil {
		s.link.meter.Count(func(st *sms.LinkStats) { st.Again++ })
		s.link.cfg.Log.WarnContext(ctx, "text not stored; the phone may come again", "from", sms.Mask(from), "err", err)
		return notStored
	}
	s.link.meter.Count(func(st *sms.LinkStats) { st.Texts++ })
	return saidOK
}

// judge refuses what is no text of a phone of ours; a reply of no status refuses nothing.
func (s *stack) judge(req *sip.Request, from string) reply {
	switch {
	case req.CallID() == nil || req.CSeq() == nil || req.From() == nil || req.To() == nil:
		return malformed
	case from == "":
		return stranger
	case req.To().Params.Has("tag"): // we hold no dialogs
		return noDialog
	case req.GetHeader("Require") != nil:
		return reply{420, "Bad Extension", []sip.Header{sip.NewHeader("Unsupported", req.GetHeader("Require").Value())}}
	case len(req.Body()) > longestText:
		return tooLarge
	case !isText(req):
		return wrongMedia
	case strings.TrimSpace(string(req.Body())) == "":
		return malformed
	}
	return reply{}
}

// isText reports whether a body is plain text in UTF-8.
func isText(req *sip.Request) bool {
	if h := req.GetHeader("Content-Encoding"); h != nil && !strings.EqualFold(h.Value(), "identity") {
		return false
	}
	kind, params, err := mime.ParseMediaType(valueOf(req, "Content-Type"))
	if err != nil || kind != "text/plain" {
		return false
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return utf8.Valid(req.Body())
	}
	return false
}

// valueOf is a header's value; empty if there is none.
func valueOf(req *sip.Request, name string) string {
	if h := req.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// idOf is the name of a text: a phone that sends it once more, by whatever way, keeps these.
func idOf(req *sip.Request) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s@%s", req.CallID().Value(), req.CSeq().SeqNo,
		req.From().Address.User, req.From().Address.Host))
	return hex.EncodeToString(sum[:16])
}
