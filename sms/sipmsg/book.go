package sipmsg

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sms"
)

// The networks of SIP, as its stack names them.
const (
	overUDP = "UDP"
	overTCP = "TCP"
	overTLS = "TLS"
)

// phone is one number and where it is reached.
type phone struct {
	number  string
	uri     sip.Uri
	network string
	host    string // with port
}

// book is the phones of a link.
type book struct {
	phones  map[string]phone  // by number
	numbers []string          // all of them
	senders map[string]string // number, by user@host and by user alone where that is one's own
	allowed []netip.Prefix
}

// newBook reads the addresses of phones and says everything that is wrong with them.
func newBook(cfg Config) (*book, error) {
	b := &book{phones: map[string]phone{}, senders: map[string]string{}, allowed: slices.Clone(cfg.Allow)}
	var errs []error
	for number, uri := range cfg.Phones {
		p, err := readPhone(number, uri)
		if err == nil {
			err = b.admit(p, len(cfg.Allow) > 0)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("sip link %q: phone %s: %w", cfg.Name, sms.Mask(number), err))
			continue
		}
		b.phones[number] = p
		b.numbers = append(b.numbers, number)
	}
	slices.Sort(b.numbers)
	for _, number := range b.numbers {
		p := b.phones[number]
		b.senders[strings.ToLower(p.uri.User+"@"+p.uri.Host)] = number
		if _, twice := b.senders[p.uri.User]; twice {
			number = "" // two phones of that name: the host has to tell
		}
		b.senders[p.uri.User] = number
	}
	return b, errors.Join(errs...)
}

// admit lets a phone's own address be heard.
func (b *book) admit(p phone, more bool) error {
	ip, err := netip.ParseAddr(strings.Trim(p.uri.Host, "[]"))
	switch {
	case err == nil:
		b.allowed = append(b.allowed, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
	case !more:
		return fmt.Errorf("its host %q is a name: say which networks it answers from", p.uri.Host)
	}
	return nil
}

func readPhone(number, text string) (phone, error) {
	if n, err := sms.Normalize(number); err != nil || n != number {
		return phone{}, errors.New("it is no number in our form")
	}
	p := phone{number: number, network: overUDP}
	if err := sip.ParseUri(text, &p.uri); err != nil {
		return phone{}, fmt.Errorf("%q: %w", text, err)
	}
	secure := strings.EqualFold(p.uri.Scheme, "sips")
	if !secure && !strings.EqualFold(p.uri.Scheme, "sip") || p.uri.User == "" || p.uri.Host == "" {
		return phone{}, fmt.Errorf("%q is not sip:user@host", text)
	}
	if over, ok := p.uri.UriParams.Get("transport"); ok {
		p.network = strings.ToUpper(over)
	}
	if secure {
		p.network = overTLS
	}
	port := p.uri.Port
	switch p.network {
	case overUDP, overTCP, overTLS:
	default:
		return phone{}, fmt.Errorf("%q: transport is none of udp, tcp, tls", text)
	}
	if port == 0 {
		port = sip.DefaultPort(p.network)
	}
	p.host = net.JoinHostPort(strings.Trim(p.uri.Host, "[]"), strconv.Itoa(port))
	return p, nil
}

// hears reports whether an address may speak to us.
func (b *book) hears(addr net.Addr) bool {
	at, err := netip.ParseAddrPort(addr.String())
	return err == nil && slices.ContainsFunc(b.allowed, func(p netip.Prefix) bool { return p.Contains(at.Addr().Unmap()) })
}

// sender is the number of the phone a request is from; empty if it is none of ours.
func (b *book) sender(req *sip.Request) string {
	from := req.From()
	if from == nil {
		return ""
	}
	if number, ok := b.senders[strings.ToLower(from.Address.User+"@"+from.Address.Host)]; ok {
		return number
	}
	return b.senders[from.Address.User]
}
