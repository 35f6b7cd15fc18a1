package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"hotline/asterisk/sipphone"
)

// phoneFlags are the flags of hotline phone.
type phoneFlags struct {
	from     string
	keys     string
	duration time.Duration
	save     string
	sounds   string
	codec    string
}

func newPhoneCommand() *cobra.Command {
	var f phoneFlags
	target := "sip:12345@127.0.0.1:" + envOr("HOTLINE_SIP_PORT", "5060")
	cmd := &cobra.Command{
		Use:   "phone [sip:number@host:port]",
		Short: "终端里的测试电话：拨号、按键、看听到什么 / a test phone for the terminal",
		Long: "拨打热线，显示正在播放哪条提示音，按键盘上的 0-9 * # 即按键。\n" +
			"Calls the hotline and shows live which prompt is heard; 0-9 * # press keys, t speaks a tone for 3 s, q hangs up.\n" +
			"Without an address it calls " + target + ".",
		Example: "  hotline phone\n  hotline phone --keys \"3,,1\" --from 13800000001 --duration 20s --save heard.wav",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				target = args[0]
			}
			return f.run(cmd, target)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "13800000001", "calling number")
	flags.StringVar(&f.keys, "keys", "", "keys to press once answered; a comma waits half a second")
	flags.DurationVar(&f.duration, "duration", 0, "hang up after this long (0: until the other side does, or q)")
	flags.StringVar(&f.save, "save", "", "write what was heard to this WAV file")
	flags.StringVar(&f.sounds, "sounds", envOr("HOTLINE_SOUNDS", ".cache/sounds"), "folder of rendered prompts, to tell which is heard")
	flags.StringVar(&f.codec, "codec", "PCMA", "PCMA, PCMU or G722")
	return cmd
}

// run opens the phone, the terminal and the folder of sounds, and makes one call.
func (f phoneFlags) run(cmd *cobra.Command, target string) error {
	local, err := phoneAddress(target)
	if err != nil {
		return err
	}
	book, err := readHeardIndex(f.sounds)
	if err != nil {
		return err
	}
	phone, err := sipphone.Listen(cmd.Context(), sipphone.Config{
		Addr: local, Number: f.from, Index: book.index, Codecs: []sipphone.Codec{sipphone.Codec(f.codec)},
		Keep: time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer phone.Close()
	c := phoneCall{flags: f, phone: phone, book: book, out: cmd.OutOrStdout()}
	if in, ok := cmd.InOrStdin().(*os.File); ok && f.keys == "" && term.IsTerminal(int(in.Fd())) {
		restore, err := rawTerminal(in)
		if err != nil {
			return err
		}
		defer restore()
		c.in = in
	}
	return c.place(cmd.Context(), target)
}

var errEmergencyNumber = errors.New("a test phone calls emergency numbers on this machine only, where they are simulated")

// phoneAddress picks the local address from which the target is reached. It refuses
// an emergency number at any other machine (D5): no test may ring a real 110.
func phoneAddress(target string) (string, error) {
	var uri sip.Uri
	if err := sip.ParseUri(target, &uri); err != nil || uri.Host == "" || uri.User == "" {
		return "", fmt.Errorf("%q is no address like sip:12345@127.0.0.1:5060", target)
	}
	port := uri.Port
	if port == 0 {
		port = 5060
	}
	// Connecting UDP sends nothing; it only asks which way a packet would go.
	conn, err := net.Dial("udp4", net.JoinHostPort(uri.Host, fmt.Sprint(port)))
	if err != nil {
		return "", fmt.Errorf("reach %s: %w", uri.Host, err)
	}
	defer conn.Close()
	to := conn.RemoteAddr().(*net.UDPAddr).AddrPort().Addr()
	if !to.IsLoopback() && slices.Contains([]string{"110", "119", "120", "122", "12395"}, strings.TrimPrefix(uri.User, "+86")) {
		return "", errEmergencyNumber
	}
	from := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	return netip.AddrPortFrom(from.Unmap(), 0).String(), nil
}

// phoneCall is one call from the terminal.
type phoneCall struct {
	flags phoneFlags
	phone *sipphone.Phone
	book  heardIndex
	in    io.Reader // a raw terminal; nil presses only what --keys says
	began time.Time

	mu  sync.Mutex // one line at a time
	out io.Writer
}

// place calls, shows, and tells at the end what it was.
func (c *phoneCall) place(ctx context.Context, target string) error {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	c.began = time.Now()
	c.say("拨打 calling %s ... (Ctrl-C 取消)\n", target)
	press := make(chan byte, 64)
	if c.in != nil {
		go readKeys(c.in, press, hangUp)
	}
	nobody := time.AfterFunc(3*time.Second, func() {
		c.say("还没有应答,热线在运行吗? no answer yet: is the hotline running (make run)?\n")
	})
	s, err := c.phone.Call(ctx, target, sipphone.CallOptions{
		From: c.flags.from, Progress: func(status int) { nobody.Stop(); c.say("振铃 ringing (%d)\n", status) },
	})
	nobody.Stop()
	if errors.Is(err, sipphone.ErrNoAnswer) {
		return fmt.Errorf("没有应答 / nothing answers SIP at %s", target)
	}
	if err != nil {
		return err
	}
	c.say("接通 answered, %s\n", s.Codec())
	if c.in != nil {
		c.say("按 0-9 * # 按键，t 说话，q 挂机 / 0-9 * # press, t speaks, q hangs up\n")
	}
	if c.flags.duration > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.flags.duration)
		defer stop()
	}
	if c.flags.keys != "" {
		go c.press(s, c.flags.keys)
	}
	c.listen(ctx, s, press)
	err = c.end(s)
	c.summary(s)
	return errors.Join(err, c.saveSound(s))
}

// listen shows what is heard and passes keys on until the call or ctx ends.
func (c *phoneCall) listen(ctx context.Context, s *sipphone.Session, press <-chan byte) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var shown heardShown
	for {
		select {
		case key := <-press:
			c.key(s, key)
		case <-tick.C:
			c.show(s, &shown)
		case <-s.Context().Done():
			c.show(s, &shown)
			return
		case <-ctx.Done():
			c.show(s, &shown)
			return
		}
	}
}

// key is one key of the keyboard.
func (c *phoneCall) key(s *sipphone.Session, key byte) {
	switch {
	case key == 't':
		c.say("说话 speaking for 3 s\n")
		s.Say(sipphone.PCM(threeSeconds(), 8000))
	case strings.IndexByte("0123456789*#", key) >= 0:
		go c.press(s, string(key))
	}
}

func (c *phoneCall) press(s *sipphone.Session, keys string) {
	c.say("按键 press %s\n", keys)
	if err := s.Press(s.Context(), keys); err != nil && s.Context().Err() == nil {
		c.say("按键失败 not pressed: %v\n", err)
	}
}

// end hangs up, if the other side has not.
func (c *phoneCall) end(s *sipphone.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	return s.Hangup(ctx)
}

func (c *phoneCall) saveSound(s *sipphone.Session) error {
	if c.flags.save == "" {
		return nil
	}
	if err := s.Ear().SaveWAV(c.flags.save); err != nil {
		return err
	}
	c.say("录音 saved %s\n", c.flags.save)
	return nil
}
