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
	str(&c.SMSNumber, "sms-number", "10612345", "number texts are sent from")
	str(&c.SMPP, "smpp", "", "SMSC address; without it and --cmpp texts wait in the outbox")
	str(&c.SMPPUser, "smpp-user", "hotline", "SMPP system_id")
	str(&c.SMPPPass, "smpp-pass", "hotline", "SMPP password")
	str(&c.CMPP, "cmpp", "", "ISMG address, for texts over CMPP; beside --smpp it takes what that does not")
	str(&c.CMPPUser, "cmpp-user", "900001", "CMPP SP_Id")
	str(&c.CMPPPass, "cmpp-pass", "hotline", "CMPP password, which itself is never on the line")
	str(&c.CMPPVersion, "cmpp-version", "2.0", "CMPP version: 2.0 or 3.0")
	str(&c.CMPPCode, "cmpp-code", "", "CMPP service code, the Src_Id of texts (default the sms-number)")
	str(&c.CMPPService, "cmpp-service", "", "CMPP Service_Id, if the carrier gave one")
	str(&c.CMPPConnections, "cmpp-connections", "1", "connections to the ISMG at once, as many as the account allows")
	lax, _ := strconv.ParseBool(fromEnv("cmpp-any-ismg", "false")) // anything else is no
	f.BoolVar(&c.CMPPAnyISMG, "cmpp-any-ismg", lax, "take an ISMG that does not prove that it knows the password")
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
		link, err := smpp.New(smpp.Config{Name: "smpp", Addr: c.SMPP, SystemID: c.SMPPUser, Password: c.SMPPPass,
			Numbers: []string{c.SMSNumber}, Receipts: true, Clock: clk, Log: log.With("part", "smpp")})
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
