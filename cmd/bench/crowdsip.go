package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The crowd's SIP is the least there is: INVITE, ACK and BYE, each sent again until it
// is answered. Answers are read by a real parser.

// keyPayload is the RTP payload type offered for keys.
const keyPayload = 101

// invite is a listener's call.
func (c *crowd) invite(l *listener, number string) string {
	port := c.rtp.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort().Port()
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=crowd\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 %d\r\n"+
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\na=ptime:20\r\n", port, keyPayload, keyPayload, keyPayload)
	to := "sip:" + number + "@" + c.server.String()
	return c.request(l, "INVITE", to, "<"+to+">") + fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(sdp), sdp)
}

// bye ends a listener's call.
func (c *crowd) bye(l *listener) string {
	return c.request(l, "BYE", l.contact, l.dialog) + "Content-Length: 0\r\n\r\n"
}

// request is a request up to what says how long its body is.
func (c *crowd) request(l *listener, method, target, to string) string {
	number := map[string]int{"INVITE": 1, "ACK": 1, "BYE": 2}[method]
	here := c.sip.LocalAddr().String()
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s%d;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:%s@%s>\r\n",
		method, target, here, l.tag+method, number, l.from, l.tag, to, l.id, number, method, l.from, here)
}

// ask sends a request until its final answer comes.
func (c *crowd) ask(ctx context.Context, l *listener, request string) (*sip.Response, error) {
	method, _, _ := strings.Cut(request, " ")
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		if _, err := c.sip.WriteToUDPAddrPort([]byte(request), c.server); err != nil {
			return nil, err
		}
		for waiting := true; waiting; {
			select {
			case res := <-l.answers:
				if res.CSeq() != nil && string(res.CSeq().MethodName) == method {
					return res, nil
				}
			case <-tick.C:
				waiting = false
			case <-ctx.Done():
				return nil, fmt.Errorf("%s not answered: %w", method, context.Cause(ctx))
			}
		}
	}
}

// signalling reads what Asterisk says until the socket is closed.
func (c *crowd) signalling() {
	parser, buf := sip.NewParser(), make([]byte, 1<<16)
	for {
		n, _, err := c.sip.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		msg, err := parser.ParseSIP(append([]byte(nil), buf[:n]...))
		if err != nil || msg.CallID() == nil {
			continue // nothing of ours
		}
		c.mu.Lock()
		l := c.byID[msg.CallID().Value()]
		c.mu.Unlock()
		switch msg := msg.(type) {
		case *sip.Response:
			if l != nil && !msg.IsProvisional() {
				c.answered(l, msg)
			}
		case *sip.Request:
			c.asked(l, msg)
		}
	}
}

// answered takes a final answer; one to INVITE is acknowledged each time it comes.
func (c *crowd) answered(l *listener, res *sip.Response) {
	if res.CSeq() != nil && res.CSeq().MethodName == sip.INVITE && res.To() != nil {
		c.mu.Lock()
		if res.IsSuccess() && res.Contact() != nil && l.dialog == "" {
			l.dialog, l.contact = res.To().Value(), res.Contact().Address.String()
		}
		ack := c.request(l, "ACK", cmp.Or(l.contact, "sip:"+c.server.String()), res.To().Value()) + "Content-Length: 0\r\n\r\n"
		c.mu.Unlock()
		_, _ = c.sip.WriteToUDPAddrPort([]byte(ack), c.server) // Asterisk repeats itself when it is lost
	}
	select {
	case l.answers <- res:
	default: // nobody waits for so many
	}
}

// asked answers what Asterisk asks; all it has to say is that the call is over.
func (c *crowd) asked(l *listener, req *sip.Request) {
	if req.IsAck() {
		return
	}
	status, reason := 200, "OK"
	switch {
	case l == nil:
		status, reason = 481, "No Such Call"
	case req.Method == sip.BYE:
		c.mu.Lock()
		if !l.over {
			l.over = true
			close(l.ended)
		}
		c.mu.Unlock()
	default:
		status, reason = 501, "Not Implemented"
	}
	res := sip.NewResponseFromRequest(req, status, reason, nil)
	_, _ = c.sip.WriteToUDPAddrPort([]byte(res.String()), c.server)
}

// speechOf reads from an SDP answer where speech goes.
func speechOf(sdp []byte, host netip.Addr) (netip.AddrPort, error) {
	_, media, _ := strings.Cut(string(sdp), "m=audio ")
	port, _, _ := strings.Cut(media, " ")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, errors.New("answered without speech")
	}
	return netip.AddrPortFrom(host, uint16(n)), nil
}
