package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/spf13/pflag"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smpp"
)

// carriers is what the links to carriers have to be told. A text goes by the first that
// takes it, SMPP before CMPP.
type carriers struct {
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
	str(&c.SMSNumber, "sms-number", "10612345", "number texts are sent from")
	str(&c.SMPP, "smpp", "", "SMSC address; without it and --cmpp texts wait in the outbox")
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

// readSMPP is the SMPP link's part of the settings.
func (c *carriers) readSMPP() (smpp.Config, error) {
	pair, ok := map[string]bool{"transceiver": false, "pair": true}[c.SMPPBind]
	if !ok {
		return smpp.Config{}, fmt.Errorf("--smpp-bind: %q is neither transceiver nor pair", c.SMPPBind)
	}
	cfg := smpp.Config{
		Name: "smpp", Addr: c.SMPP, SystemID: c.SMPPUser, Password: c.SMPPPass, Pair: pair,
		Numbers: []string{c.SMSNumber}, Receipts: true,
	}
	if c.SMPPTLS {
		cfg.TLS = &smpp.TLS{CAFile: c.SMPPCA}
	}
	return cfg, nil
}

// readCMPP is the CMPP link's part of the settings, or all that is wrong in it.
func (c *carriers) readCMPP() (cmpp.Config, error) {
	var wrong []error
	version, ok := map[string]cmpp.Version{"2.0": cmpp.V20, "3.0": cmpp.V30}[c.CMPPVersion]
	if !ok {
		wrong = append(wrong, fmt.Errorf("--cmpp-version: %q is neither 2.0 nor 3.0", c.CMPPVersion))
	}
	connections, err := strconv.Atoi(c.CMPPConnections)
	if err != nil || connections < 1 || connections > 64 {
		wrong = append(wrong, fmt.Errorf("--cmpp-connections: %q is no number from 1 to 64", c.CMPPConnections))
	}
	code := c.CMPPCode
	if code == "" {
		code = c.SMSNumber
	}
	return cmpp.Config{
		Name: "cmpp", Addr: c.CMPP, User: c.CMPPUser, Secret: c.CMPPPass, Version: version, Service: c.CMPPService,
		Numbers: []string{code}, Connections: connections, AnyISMG: c.CMPPAnyISMG, Receipts: true,
	}, errors.Join(wrong...)
}

// transports is the table of links to carriers; a new kind is a few lines here.
func (c *carriers) transports(clk *clock, log *slog.Logger) ([]sms.Transport, error) {
	var all []sms.Transport
	if c.SMPP != "" {
		cfg, err := c.readSMPP()
		if err != nil {
			return nil, err
		}
		cfg.Clock, cfg.Log = clk, log.With("part", "smpp")
		link, err := smpp.New(cfg)
		if err != nil {
			return nil, fmt.Errorf("smpp link: %w", err)
		}
		all = append(all, link)
	}
	if c.CMPP != "" {
		cfg, err := c.readCMPP()
		if err != nil {
			return nil, err
		}
		cfg.Clock, cfg.Log = clk, log.With("part", "cmpp")
		link, err := cmpp.New(cfg)
		if err != nil {
			return nil, fmt.Errorf("cmpp link: %w", err)
		}
		all = append(all, link)
	}
	return all, nil
}
