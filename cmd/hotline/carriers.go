package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"hotline/sms"
)

// carriers is what says how texts go: a file of links, or flags for one over SMPP and one
// over CMPP, which takes what the other does not.
type carriers struct {
	Links     string // a file like links.yaml; wins over the flags, and these over the hotline's folder
	TextLimit string // texts a day and texts of one content a minute to one receiver, or off
	SMSNumber string // the number texts come from; a survey's slot is appended to it

	SMPP     string // host:port of the SMSC; empty: none
	SMPPUser string
	SMPPPass string
	SMPPBind string // transceiver or pair
	SMPPTLS  bool
	SMPPCA   string // PEM file of who signs the SMSC's certificate; empty: who the system trusts

	CMPP            string // host:port of the ISMG; empty: none
	CMPPUser        string // SP_Id
	CMPPPass        string // shared secret
	CMPPVersion     string // 2.0 or 3.0
	CMPPCode        string // Src_Id, in place of SMSNumber
	CMPPService     string // Service_Id
	CMPPConnections string // a number
	CMPPAnyISMG     bool   // the gateway need not prove that it knows the secret
}

// bind gives c its flags and, from the environment, their defaults.
func (c *carriers) bind(f *pflag.FlagSet) {
	str := func(p *string, flag, fallback, usage string) { f.StringVar(p, flag, fromEnv(flag, fallback), usage) }
	yes := func(p *bool, flag, usage string) {
		on, _ := strconv.ParseBool(fromEnv(flag, "false")) // anything else is no
		f.BoolVar(p, flag, on, usage)
	}
	c.bindLinks(f)
	str(&c.TextLimit, "text-limit", "50/2", "texts to one receiver: in 24 hours, and of the same content in 59 s; those to officers do not count; off: no limit")
	str(&c.SMSNumber, "sms-number", "10612345", "number texts are sent from")
	str(&c.SMPP, "smpp", "", "SMSC address; without it, --cmpp and links texts wait in the outbox")
	str(&c.SMPPUser, "smpp-user", "hotline", "SMPP system_id")
	str(&c.SMPPPass, "smpp-pass", "hotline", "SMPP password")
	str(&c.SMPPBind, "smpp-bind", "transceiver", "SMPP connections: transceiver, or pair for a transmitter and a receiver")
	yes(&c.SMPPTLS, "smpp-tls", "SMPP over TLS; the SMSC's certificate is checked")
	str(&c.SMPPCA, "smpp-ca", "", "file of who signs the SMSC's certificate, in PEM (default who the system trusts)")
	str(&c.CMPP, "cmpp", "", "ISMG address, for texts over CMPP; beside --smpp it takes what that does not")
	str(&c.CMPPUser, "cmpp-user", "900001", "CMPP SP_Id")
	str(&c.CMPPPass, "cmpp-pass", "hotline", "CMPP password, which itself is never on the line")
	str(&c.CMPPVersion, "cmpp-version", "2.0", "CMPP version: 2.0 or 3.0")
	str(&c.CMPPCode, "cmpp-code", "", "CMPP service code, the Src_Id of texts (default the sms-number)")
	str(&c.CMPPService, "cmpp-service", "", "CMPP Service_Id, if the carrier gave one")
	str(&c.CMPPConnections, "cmpp-connections", "1", "connections to the ISMG at once, as many as the account allows")
	yes(&c.CMPPAnyISMG, "cmpp-any-ismg", "take an ISMG that does not prove that it knows the password")
}

// bindLinks gives c the one flag that commands which only look have too.
func (c *carriers) bindLinks(f *pflag.FlagSet) {
	f.StringVar(&c.Links, "links", fromEnv("links", ""), "file of links to carriers, like links.yaml of a hotline's folder, and instead of it and of --smpp and --cmpp")
}

// specs are the links that the flags name, or all that is wrong in them.
func (c *carriers) specs() ([]linkSpec, error) {
	var all []linkSpec
	var wrong []error
	two := extension{2, true}
	if c.SMPP != "" {
		if c.SMPPBind != "transceiver" && c.SMPPBind != "pair" {
			wrong = append(wrong, fmt.Errorf("--smpp-bind: %q is neither transceiver nor pair", c.SMPPBind))
		}
		all = append(all, linkSpec{Name: "smpp", Kind: "smpp", Address: c.SMPP, User: c.SMPPUser, Secret: c.SMPPPass,
			Numbers: []string{c.SMSNumber}, Extension: two, SMPP: smppSpec{Bind: c.SMPPBind, TLS: c.SMPPTLS, CA: c.SMPPCA}})
	}
	if c.CMPP != "" {
		if c.CMPPVersion != "2.0" && c.CMPPVersion != "3.0" {
			wrong = append(wrong, fmt.Errorf("--cmpp-version: %q is neither 2.0 nor 3.0", c.CMPPVersion))
		}
		connections, err := strconv.Atoi(c.CMPPConnections)
		if most := linkKinds["cmpp"].connections; err != nil || connections < 1 || connections > most {
			wrong = append(wrong, fmt.Errorf("--cmpp-connections: %q is no number from 1 to %d", c.CMPPConnections, most))
		}
		all = append(all, linkSpec{Name: "cmpp", Kind: "cmpp", Address: c.CMPP, User: c.CMPPUser, Secret: c.CMPPPass,
			Numbers: []string{cmp.Or(c.CMPPCode, c.SMSNumber)}, Extension: two, Connections: connections, Order: len(all),
			CMPP: cmppSpec{Version: c.CMPPVersion, Service: c.CMPPService, AnyISMG: c.CMPPAnyISMG}})
	}
	return all, errors.Join(wrong...)
}

// textLimits reads --text-limit.
func (c *carriers) textLimits() (sms.Limits, error) {
	if c.TextLimit == "off" {
		return sms.Limits{}, nil
	}
	l := sms.CarrierLimits()
	day, same, _ := strings.Cut(c.TextLimit, "/")
	var err1, err2 error
	l.Day, err1 = strconv.Atoi(day)
	l.Same, err2 = strconv.Atoi(same)
	if err1 != nil || err2 != nil || l.Day < 1 || l.Same < 1 || l.Day > 1e6 || l.Same > l.Day {
		return sms.Limits{}, fmt.Errorf("--text-limit: %q is not texts a day and of one content in %s, such as 50/2, nor off", c.TextLimit, l.Within.Round(time.Second))
	}
	return l, nil
}
