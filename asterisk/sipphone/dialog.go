package sipphone

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// dialog is what both ends of a call must agree on to speak about it (RFC 3261,
// section 12): who is who, where to send to, and how often we have spoken.
type dialog struct {
	phone  *Phone
	callID string
	local  sip.FromHeader // ours, tag included
	remote sip.ToHeader   // theirs, tag included
	target sip.Uri        // their Contact
	route  []string       // Route values, nearest first
	dest   string         // host:port to send to

	mu   sync.Mutex
	cseq uint32
}

func (d *dialog) key() string {
	tag, _ := d.local.Params.Get("tag")
	return d.callID + " " + tag
}

// request builds the next request of the call; ACK repeats the INVITE's number.
func (d *dialog) request(method sip.RequestMethod, cseq uint32) *sip.Request {
	if method != sip.ACK {
		d.mu.Lock()
		d.cseq++
		cseq = d.cseq
		d.mu.Unlock()
	}
	req := sip.NewRequest(method, *d.target.Clone())
	from, to := d.local, d.remote
	id, hops := sip.CallIDHeader(d.callID), sip.MaxForwardsHeader(70)
	req.AppendHeader(d.phone.via())
	req.AppendHeader(sip.HeaderClone(&from))
	req.AppendHeader(sip.HeaderClone(&to))
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: method})
	req.AppendHeader(&hops)
	for _, r := range d.route {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	req.AppendHeader(d.phone.contact(d.local.Address.User))
	d.phone.prepare(req, d.dest)
	return req
}

// prepare makes a request leave from the phone's own socket.
func (p *Phone) prepare(req *sip.Request, dest string) {
	if req.Body() == nil {
		req.SetBody(nil)
	}
	req.SetTransport("UDP")
	req.SetDestination(dest)
	req.Laddr = sip.Addr{IP: p.addr.Addr().AsSlice(), Port: int(p.addr.Port())}
}

// do sends a request and waits for its final answer.
func (p *Phone) do(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := p.ua.TransactionLayer().Request(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("sipphone: send %s: %w", req.Method, err)
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fmt.Errorf("sipphone: %s: %w", req.Method, tx.Err())
		case <-ctx.Done():
			return nil, fmt.Errorf("sipphone: %s: %w", req.Method, context.Cause(ctx))
		}
	}
}

// destination is where a request to a URI goes.
func destination(u sip.Uri) string {
	port := u.Port
	if port == 0 {
		port = 5060
	}
	return u.Host + ":" + strconv.Itoa(port)
}

// nextHop is where requests of a call go: its first proxy, or the far end itself.
func nextHop(target sip.Uri, route []string) string {
	if len(route) > 0 {
		var u sip.Uri
		first := strings.Trim(strings.TrimSpace(route[0]), "<>")
		if sip.ParseUri(first, &u) == nil {
			return destination(u)
		}
	}
	return destination(target)
}

// recordRoute lists a message's Record-Route values in the order they stand.
func recordRoute(hs []sip.Header) []string {
	var out []string
	for _, h := range hs {
		for v := range strings.SplitSeq(h.Value(), ",") {
			out = append(out, strings.TrimSpace(v))
		}
	}
	return out
}

// reasonOf reads the Reason header of a BYE or CANCEL or response (RFC 3326):
// Q.850 cause and text, 16 when it says nothing.
func reasonOf(m interface{ GetHeaders(string) []sip.Header }) (cause int, text string) {
	for _, h := range m.GetHeaders("Reason") {
		protocol, params, _ := strings.Cut(h.Value(), ";")
		if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
			continue
		}
		for p := range strings.SplitSeq(params, ";") {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			switch strings.ToLower(k) {
			case "cause":
				cause, _ = strconv.Atoi(v) // 0 for what is no number
			case "text":
				text = strings.Trim(v, `"`)
			}
		}
	}
	if cause == 0 {
		cause = 16
	}
	return cause, text
}

// retryAfter reads a Retry-After header; what stands behind the seconds is for people.
func retryAfter(res *sip.Response) time.Duration {
	h := res.GetHeader("Retry-After")
	if h == nil {
		return 0
	}
	digits := strings.TrimSpace(h.Value())
	if end := strings.IndexAny(digits, " (;\t"); end >= 0 {
		digits = digits[:end]
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
