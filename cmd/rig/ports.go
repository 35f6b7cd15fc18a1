package rig

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"hotline/deploy/ports"
)

// Ports is every port of one running rig. All of them are on the loopback address
// but SIP, which follows HOTLINE_BIND.
type Ports struct {
	SIP, ARI, HTTP, Redis                           int
	CarrierSIP, CarrierSIP2, SMPP, CMPP, CarrierWeb int
	HTTPSMS, HTTPBack                               int
}

// portRow is one port with what people and the environment call it.
type portRow struct {
	port *int
	base int
	env  string // overrides base plus offset
	what string
	udp  bool // needed for UDP as well
}

func (p *Ports) rows() []portRow {
	return []portRow{
		{&p.SIP, 5060, "HOTLINE_SIP_PORT", "SIP of the hotline", true},
		{&p.ARI, 8088, "HOTLINE_ARI_PORT", "Asterisk's REST interface", false},
		{&p.HTTP, 8080, "HOTLINE_HTTP_PORT", "console", false},
		{&p.Redis, 6390, "HOTLINE_REDIS_PORT", "Redis", false},
		{&p.CarrierSIP, 5070, "CARRIER_SIP_PORT", "SIP of the carrier", true},
		{&p.CarrierSIP2, 5071, "CARRIER_SIP2_PORT", "the carrier's second trunk", true},
		{&p.SMPP, 2775, "CARRIER_SMPP_PORT", "the carrier's SMSC", false},
		{&p.CMPP, 7890, "CARRIER_CMPP_PORT", "the carrier's ISMG", false},
		{&p.CarrierWeb, 8090, "CARRIER_HTTP_PORT", "page of handsets", false},
		{&p.HTTPSMS, 8091, "CARRIER_HTTPSMS_PORT", "the carrier's HTTP interface", false},
		{&p.HTTPBack, 8092, "HOTLINE_HTTPSMS_PORT", "callbacks of the carrier's HTTP interface", false},
	}
}

// PortsAt gives the fixed ports, each moved by offset; an environment variable of
// rows names one port outright. It reports every value that is no port.
func PortsAt(offset int) (Ports, error) {
	var p Ports
	var wrong []error
	for _, r := range p.rows() {
		*r.port = r.base + offset
		from := fmt.Sprintf("%d with offset %d", r.base, offset)
		if text := os.Getenv(r.env); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				n = 0
			}
			*r.port, from = n, r.env+"="+text
		}
		if *r.port < 1 || *r.port > 65535 {
			wrong = append(wrong, fmt.Errorf("%s: %s is no port", r.what, from))
		}
	}
	return p, errors.Join(wrong...)
}

// FreePorts gives ports that are this caller's for ten minutes, for tests that run beside
// another rig: see [ports.Free].
func FreePorts() (Ports, error) {
	var p Ports
	rows := p.rows()
	free, err := ports.Free(len(rows))
	for i, port := range free {
		*rows[i].port = port
	}
	return p, err
}

// freeAddrs gives n free loopback addresses.
func freeAddrs(n int) ([]string, error) {
	free, err := ports.Free(n)
	addrs := make([]string, len(free))
	for i, port := range free {
		addrs[i] = Local(port)
	}
	return addrs, err
}

// portOf is the port of one of our own addresses.
func portOf(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return n
}

// Check reports every port that is taken, and how to get around it.
func (p *Ports) Check(bind string) error {
	var taken []error
	for _, r := range p.rows() {
		host := "127.0.0.1"
		if r.port == &p.SIP {
			host = bind
		}
		if err := tryPort(host, *r.port, r.udp); errors.Is(err, syscall.EADDRINUSE) {
			taken = append(taken, fmt.Errorf("端口 %d 已被占用(%s)/ port %d is taken: %s, %s moves it", *r.port, r.what, *r.port, r.what, r.env))
		} else if err != nil {
			taken = append(taken, fmt.Errorf("port %d (%s): %w", *r.port, r.what, err))
		}
	}
	if len(taken) > 0 {
		taken = append(taken, errors.New("移动全部端口 / move all ports: make run PORT_OFFSET=100"))
	}
	return errors.Join(taken...)
}

func tryPort(host string, port int, udp bool) error {
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	l.Close()
	if !udp {
		return nil
	}
	u, err := net.ListenPacket("udp", addr)
	if err != nil {
		return err
	}
	return u.Close()
}

// Local is host:port on the loopback address.
func Local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Environ names every port to a program that has to find the rig.
func (p *Ports) Environ() []string {
	var env []string
	for _, r := range p.rows() {
		env = append(env, r.env+"="+strconv.Itoa(*r.port))
	}
	return env
}
