package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"hotline/sms"
	"hotline/sms/sipmsg"
)

// sipSpec is what SIP MESSAGE alone has to be told. The link's address is the one it
// listens at; its user and secret answer whoever asks for a proof.
type sipSpec struct {
	Phones      map[string]string `yaml:"phones"`      // a number, and sip:user@host of its softphone
	Allow       []string          `yaml:"allow"`       // networks heard beside the phones' own addresses
	ListenTLS   string            `yaml:"listen-tls"`  // address for TLS, which needs the next two
	Certificate string            `yaml:"certificate"` // PEM file
	Key         string            `yaml:"key"`         // PEM file
	CA          string            `yaml:"ca"`          // file of who signs the phones' certificates; empty: who the system trusts
}

func openSIP(l linkSpec, secret string, tools linkTools) (sms.Transport, error) {
	cfg := sipmsg.Config{
		Name: l.Name, Listen: l.Address, ListenTLS: l.SIP.ListenTLS, Phones: l.SIP.Phones, Window: l.Window,
		Clock: tools.clock, Log: tools.log.With("part", "sip"),
	}
	if l.User != "" {
		cfg.User, cfg.Password = l.User, secret
	}
	if len(l.Numbers) > 0 {
		cfg.Number = l.Numbers[0]
	}
	var wrong []error
	for _, text := range l.SIP.Allow {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			err = fmt.Errorf("allow: %q is no network such as 192.0.2.0/24", text)
		}
		cfg.Allow, wrong = append(cfg.Allow, network), append(wrong, err)
	}
	var err error
	cfg.TLS, err = l.SIP.tls()
	if wrong = append(wrong, err); errors.Join(wrong...) != nil {
		return nil, errors.Join(wrong...)
	}
	return opened(sipmsg.New(cfg))
}

// tls is how the link proves itself and whom it trusts.
func (s sipSpec) tls() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	var wrong []error
	if s.Certificate != "" || s.Key != "" {
		cert, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("certificate: %w", err))
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		if cfg.RootCAs = x509.NewCertPool(); err == nil && !cfg.RootCAs.AppendCertsFromPEM(pem) {
			err = fmt.Errorf("%s has no certificate in PEM", s.CA)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("ca: %w", err))
		}
	}
	return cfg, errors.Join(wrong...)
}
