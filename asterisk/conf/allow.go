package conf

import (
	"fmt"
	"net"
	"net/netip"
)

// private are the networks let in where Asterisk listens to the world and nobody said
// whom it should hear.
var private = []string{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"}

// Permitted are the networks whose SIP is heard: Allow, and the trunks and desks that have
// an address. It is empty where everybody's is, because only a private network reaches us.
func (c Config) Permitted() []string {
	allow := c.Allow
	if len(allow) == 0 {
		if c.bindIsPrivate() {
			return nil
		}
		allow = private
	}
	var all []string
	for _, text := range allow {
		if p, err := network(text); err == nil { // validate has said so
			all = append(all, p.String())
		}
	}
	for _, addr := range c.peers() {
		host, _, _ := net.SplitHostPort(addr)
		if a, err := netip.ParseAddr(host); err == nil {
			all = append(all, netip.PrefixFrom(a, a.BitLen()).String())
		}
	}
	return all
}

func (c Config) bindIsPrivate() bool {
	a, err := netip.ParseAddr(c.Bind)
	return err == nil && (a.IsLoopback() || a.IsPrivate())
}

// peers are the addresses of trunks and desks.
func (c Config) peers() []string {
	var addrs []string
	for _, t := range c.Trunks {
		addrs = append(addrs, t.Addr)
	}
	for _, d := range c.Desks {
		if d.Addr != "" {
			addrs = append(addrs, d.Addr)
		}
	}
	return addrs
}

// network reads an address or a CIDR.
func network(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q is neither an address nor a network such as 192.0.2.0/24", text)
	}
	return p.Masked(), nil
}

func (c Config) validateAllow(k *check) {
	for _, text := range c.Allow {
		_, err := network(text)
		k.that(err == nil, "Allow: %v", err)
	}
	if len(c.Allow) == 0 && c.bindIsPrivate() {
		return
	}
	for _, addr := range c.peers() {
		host, _, _ := net.SplitHostPort(addr)
		k.that(net.ParseIP(host) != nil, "Allow: %q is a name, and whom Asterisk hears is told by addresses: write its address", addr)
	}
}
