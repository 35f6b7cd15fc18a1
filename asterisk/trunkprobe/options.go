package trunkprobe

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// options is a SIP user agent that only asks.
type options struct {
	ua     *sipgo.UserAgent
	client *sipgo.Client
}

func openOptions() (*options, error) {
	quiet := slog.New(slog.DiscardHandler) // a trunk that is away is our own to tell of
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("hotline-probe"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	if err != nil {
		return nil, fmt.Errorf("trunkprobe: %w", err)
	}
	client, err := sipgo.NewClient(ua, sipgo.WithClientLogger(quiet))
	if err != nil {
		_ = ua.Close()
		return nil, fmt.Errorf("trunkprobe: %w", err)
	}
	return &options{ua: ua, client: client}, nil
}

func (o *options) close() { _ = o.ua.Close() } // sockets that only asked; nothing is lost

// ask sends OPTIONS and waits for the final answer.
func (o *options) ask(ctx context.Context, addr string) (Answer, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return Answer{}, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return Answer{}, fmt.Errorf("port %q: %w", text, err)
	}
	began := time.Now()
	res, err := o.client.Do(ctx, sip.NewRequest(sip.OPTIONS, sip.Uri{Scheme: "sip", Host: host, Port: port}))
	if err != nil {
		return Answer{}, fmt.Errorf("OPTIONS: %w", err)
	}
	return Answer{Status: res.StatusCode, RTT: time.Since(began)}, nil
}
