package smpp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
)

// TLS is how a line is encrypted. The carrier's certificate is always checked: whoever
// gets a text of ours could read its receiver's number.
type TLS struct {
	CAFile     string // PEM of who signs the carrier's certificate; empty: who the system trusts
	ServerName string // as in the certificate; empty: the host of the address
}

// dialer opens a connection.
type dialer = func(ctx context.Context, addr string) (net.Conn, error)

// over is TLS over the connections of dial; nil: over TCP.
func (t TLS) over(dial dialer) (dialer, error) {
	conf := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("certificates of the carrier's authority: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", t.CAFile)
		}
	}
	if dial == nil {
		dial = func(ctx context.Context, addr string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		}
	}
	return func(ctx context.Context, addr string) (net.Conn, error) {
		conn, err := dial(ctx, addr)
		if err != nil {
			return nil, err
		}
		conf := conf.Clone()
		if host, _, err := net.SplitHostPort(addr); conf.ServerName == "" && err == nil {
			conf.ServerName = host
		}
		secure := tls.Client(conn, conf)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, why(ctx, conf.ServerName, err)
		}
		return secure, nil
	}, nil
}

// why says what the engineer can do about a handshake that failed.
func why(ctx context.Context, name string, err error) error {
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("tls: %w", context.Cause(ctx))
	case errors.As(err, &unknown):
		return fmt.Errorf("tls: nobody we trust signed the carrier's certificate; is the CA file the right one? %w", err)
	case errors.As(err, &hostname):
		return fmt.Errorf("tls: the carrier's certificate is not for %q; is the server name right? %w", name, err)
	case errors.As(err, &invalid):
		return fmt.Errorf("tls: the carrier's certificate is not valid now, or not for this use: %w", err)
	case errors.As(err, &notTLS):
		return fmt.Errorf("tls: the carrier does not speak TLS on this port: %w", err)
	}
	return fmt.Errorf("tls: %w", err)
}
