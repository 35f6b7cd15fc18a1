package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"hotline/ivr"
	"hotline/ivr/redisrates"
)

// readLimits reads --caller-limit and --source-limit. The trunks whose address is known
// are trusted: a carrier brings everybody's calls from one address.
func readLimits(s settings) (ivr.Limits, error) {
	var l ivr.Limits
	var err1, err2 error
	if l.Caller, err1 = readRate(s.CallerLimit); err1 != nil {
		err1 = fmt.Errorf("--caller-limit: %w", err1)
	}
	if l.Source, err2 = readRate(s.SourceLimit); err2 != nil {
		err2 = fmt.Errorf("--source-limit: %w", err2)
	}
	for _, addr := range s.outside.addrs {
		host, _, _ := net.SplitHostPort(addr) // readOutside has looked at it
		if a, err := netip.ParseAddr(host); err == nil {
			l.Trusted = append(l.Trusted, a)
		}
	}
	return l, errors.Join(err1, err2)
}

// tallyWait is what a caller may wait for Redis to say how often they called.
const tallyWait = 200 * time.Millisecond

// limiter counts together with the other controllers, whichever of them has a call.
func (a *app) limiter(secret []byte) *ivr.Limiter {
	l := ivr.NewLimiter(a.set.limits, a.clock.Now)
	l.Share(ivr.Together{Tally: redisrates.New(a.redis, "hotline", secret), Wait: tallyWait, Log: a.log.With("part", "limits")})
	return l
}

// readRate reads "6/10", six calls a minute and ten at once, or "off".
func readRate(text string) (ivr.Rate, error) {
	if text == "off" {
		return ivr.Rate{}, nil
	}
	minute, burst, _ := strings.Cut(text, "/")
	m, err1 := strconv.Atoi(minute)
	b, err2 := strconv.Atoi(burst)
	if err1 != nil || err2 != nil || m < 1 || b < 1 || m > 1e6 || b > 1e6 {
		return ivr.Rate{}, fmt.Errorf("%q is not calls a minute and calls at once, such as 6/10, nor off", text)
	}
	return ivr.Rate{PerMinute: m, Burst: b}, nil
}
