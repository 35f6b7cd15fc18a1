package sipphone

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// description is what an SDP body says about the one audio stream we take.
type description struct {
	addr   netip.AddrPort
	codecs []Codec  // in the order of preference
	keys   uint8    // payload type of telephone-event, 0 for none
	others []string // further m= lines, which an answer must refuse one by one
}

// keysPayload is the payload type we offer for telephone-event.
const keysPayload = 101

var errNoAudio = errors.New("sipphone: SDP without an audio stream")

// write renders the description; session numbers its o= line.
func (d description) write(session uint64) []byte {
	var b strings.Builder
	host := d.addr.Addr()
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN IP4 %s\r\ns=hotline\r\nc=IN IP4 %s\r\nt=0 0\r\n", session, session, host, host)
	fmt.Fprintf(&b, "m=audio %d RTP/AVP", d.addr.Port())
	for _, c := range d.codecs {
		fmt.Fprintf(&b, " %d", codecs[c].payload)
	}
	if d.keys != 0 {
		fmt.Fprintf(&b, " %d", d.keys)
	}
	b.WriteString("\r\n")
	for _, c := range d.codecs {
		fmt.Fprintf(&b, "a=rtpmap:%d %s/8000\r\n", codecs[c].payload, c)
	}
	if d.keys != 0 {
		fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", d.keys, d.keys)
	}
	b.WriteString("a=ptime:20\r\na=sendrecv\r\n")
	for _, m := range d.others {
		b.WriteString(refuse(m))
	}
	return []byte(b.String())
}

// refuse answers a stream we do not take: its own line with port 0.
func refuse(m string) string {
	f := strings.Fields(m)
	if len(f) < 4 {
		return ""
	}
	return "m=" + f[0] + " 0 " + f[2] + " " + f[3] + "\r\n"
}

// parseSDP reads an offer or an answer. Codecs we do not know are left out;
// whether any is left is for the reader to decide.
func parseSDP(body []byte) (description, error) {
	var (
		d       description
		session netip.Addr // c= before the first m=
		media   netip.Addr // c= of the audio stream
		port    uint16
		formats []string
		maps    = map[string]string{}
		in      string // "", "audio" or "other"
	)
	for line := range strings.Lines(string(body)) {
		key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if !ok {
			continue
		}
		switch {
		case key == "m" && strings.HasPrefix(value, "audio ") && port == 0:
			in = "audio"
			f := strings.Fields(value)
			if len(f) < 4 {
				return d, fmt.Errorf("sipphone: malformed m= line %q", value)
			}
			n, err := strconv.ParseUint(f[1], 10, 16)
			if err != nil {
				return d, fmt.Errorf("sipphone: port in %q: %w", value, err)
			}
			port, formats = uint16(n), f[3:]
		case key == "m":
			in = "other"
			d.others = append(d.others, value)
		case key == "c" && in == "":
			session = connection(value)
		case key == "c" && in == "audio":
			media = connection(value)
		case key == "a" && in == "audio":
			if m, ok := strings.CutPrefix(value, "rtpmap:"); ok {
				pt, name, _ := strings.Cut(m, " ")
				maps[pt] = name
			}
		}
	}
	if !media.IsValid() {
		media = session
	}
	if port == 0 || !media.IsValid() {
		return d, errNoAudio
	}
	d.addr = netip.AddrPortFrom(media, port)
	d.codecs, d.keys = readFormats(formats, maps)
	return d, nil
}

// connection reads the address of a c= line; host names are not accepted.
func connection(value string) netip.Addr {
	f := strings.Fields(value)
	if len(f) < 3 {
		return netip.Addr{}
	}
	host, _, _ := strings.Cut(f[2], "/")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// readFormats turns payload numbers into codecs we know, keeping their order.
func readFormats(formats []string, maps map[string]string) (known []Codec, keys uint8) {
	for _, f := range formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(maps[f], "/")
		if strings.EqualFold(name, "telephone-event") && keys == 0 && strings.HasSuffix(maps[f], "/8000") {
			keys = uint8(pt)
		}
		for c, t := range codecs {
			if uint64(t.payload) == pt && !slices.Contains(known, c) {
				known = append(known, c)
			}
		}
	}
	return known, keys
}

// agree picks the first codec of theirs that is also ours.
func agree(theirs, ours []Codec) (Codec, bool) {
	for _, c := range theirs {
		if slices.Contains(ours, c) {
			return c, true
		}
	}
	return "", false
}
