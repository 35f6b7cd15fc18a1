package main

import (
	"fmt"
	"log/slog"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smpp"
)

// linkTools is what every link is given.
type linkTools struct {
	clock *clock
	log   *slog.Logger
	dry   bool // the link is only checked; secrets need not be at hand
}

// linkKind is one way to a carrier.
type linkKind struct {
	secret      bool        // it logs in with one
	hostPort    bool        // its address is host:port
	connections int         // at once, at most
	extension   int         // digits after its number that it has if the file does not say
	classes     []sms.Class // that it carries if the file does not say; none: all
	// open makes the link, which does nothing until it runs; its errors name what is wrong.
	open func(l linkSpec, secret string, tools linkTools) (sms.Transport, error)
}

// linkKinds is the table of transports: a new one is a line here, an opener below and,
// where it has settings of its own, a section in linkSpec.
var linkKinds = map[string]linkKind{
	"smpp": {secret: true, hostPort: true, connections: 1, extension: 2, open: openSMPP},
	"cmpp": {secret: true, hostPort: true, connections: 64, extension: 2, open: openCMPP},
	"sip":  {hostPort: true, classes: []sms.Class{sms.ClassUrgent}, open: openSIP},
	"http": {secret: true, connections: 1, open: openHTTP},
}

// smppSpec is what SMPP alone has to be told.
type smppSpec struct {
	Bind       string `yaml:"bind"` // transceiver (also when empty) or pair
	TLS        bool   `yaml:"tls"`
	CA         string `yaml:"ca"`          // file of who signs the carrier's certificate; empty: who the system trusts
	ServerName string `yaml:"server-name"` // as in the carrier's certificate; empty: the host of the address
	SystemType string `yaml:"system-type"`
	SourceTON  byte   `yaml:"source-ton"` // the kinds of our number and of handsets', as SMPP counts them
	SourceNPI  byte   `yaml:"source-npi"`
	DestTON    byte   `yaml:"dest-ton"`
	DestNPI    byte   `yaml:"dest-npi"`
	SubmitIDs  string `yaml:"submit-ids"`  // how ids are written in answers: hex, dec or opaque
	ReceiptIDs string `yaml:"receipt-ids"` // and in receipts
}

func openSMPP(l linkSpec, secret string, tools linkTools) (sms.Transport, error) {
	pair, ok := map[string]bool{"": false, "transceiver": false, "pair": true}[l.SMPP.Bind]
	if !ok {
		return nil, fmt.Errorf("bind %q is neither transceiver nor pair", l.SMPP.Bind)
	}
	var encrypted *smpp.TLS
	if l.SMPP.TLS {
		encrypted = &smpp.TLS{CAFile: l.SMPP.CA, ServerName: l.SMPP.ServerName}
	}
	return opened(smpp.New(smpp.Config{
		Name: l.Name, Pair: pair, TLS: encrypted, Addr: l.Address, SystemID: l.User, Password: secret, SystemType: l.SMPP.SystemType,
		Numbers: l.Numbers, Window: l.Window, Receipts: !l.NoReceipts,
		SourceTON: l.SMPP.SourceTON, SourceNPI: l.SMPP.SourceNPI, DestTON: l.SMPP.DestTON, DestNPI: l.SMPP.DestNPI,
		SubmitIDs: smpp.IDForm(l.SMPP.SubmitIDs), ReceiptIDs: smpp.IDForm(l.SMPP.ReceiptIDs),
		Clock: tools.clock, Log: tools.log.With("part", "smpp"),
	}))
}

// cmppSpec is what CMPP alone has to be told.
type cmppSpec struct {
	Version string `yaml:"version"` // 2.0 or 3.0
	Service string `yaml:"service"` // Service_Id
	AnyISMG bool   `yaml:"any-ismg"`
}

func openCMPP(l linkSpec, secret string, tools linkTools) (sms.Transport, error) {
	version, ok := map[string]cmpp.Version{"": cmpp.V20, "2.0": cmpp.V20, "3.0": cmpp.V30}[l.CMPP.Version]
	if !ok {
		return nil, fmt.Errorf("version %q is neither 2.0 nor 3.0", l.CMPP.Version)
	}
	return opened(cmpp.New(cmpp.Config{
		Name: l.Name, Addr: l.Address, User: l.User, Secret: secret, Version: version, Service: l.CMPP.Service,
		Numbers: l.Numbers, Connections: l.Connections, Window: l.Window, Receipts: !l.NoReceipts, AnyISMG: l.CMPP.AnyISMG,
		Clock: tools.clock, Log: tools.log.With("part", "cmpp"),
	}))
}

// opened keeps a link that could not be made from being one of a nil of its type.
func opened[T sms.Transport](link T, err error) (sms.Transport, error) {
	if err != nil {
		return nil, err
	}
	return link, nil
}
