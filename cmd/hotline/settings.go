package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"hotline/ivr"
)

// settings is what one running hotline has to be told. Every field is a flag of
// `hotline serve` and an environment variable, HOTLINE_ and the flag's name in capitals
// with underscores; a flag wins.
type settings struct {
	Profile string // which of deploy/hotlines
	Deploy  string // a folder like deploy/ to read instead of what is built in
	RunDir  string // state: database, recordings, spool
	Sounds  string // rendered prompts

	DB    string // an SQLite file, or postgres://...
	Redis string // host:port, or sentinel://host:port,host:port/name
	HTTP  string // console and API

	Node string // the name of this controller among several

	ARI     string // http://127.0.0.1:8088, of the one Asterisk when Switches is empty
	ARIUser string
	ARIPass string
	// Switches are several Asterisks, each as parsePlace reads it.
	Switches []string
	places   []place // all Asterisks, one or several, after complete

	Trunks   []string // ARI endpoint names of the trunks, each perhaps with =host:port, in order of preference
	TrunkMax []string // trunk=calls
	Routes   []string // class=trunk,trunk: the order of one class of calls
	outside  outside  // the same, after complete

	CallerLimit string     // calls a minute and calls at once of one number, or off
	SourceLimit string     // the same of one address that is not a trunk's
	limits      ivr.Limits // the same, after complete

	// Simulated are the trunks behind which is the development phone company. Outside
	// production every trunk must be one (D5).
	Simulated []string
	Asterisk  string // Asterisk's own folder, as rendered: recordings, and what its fallback did
	Tools     string // programs that speak, to put the answer to an order into sound

	carriers        // the links texts go by
	Production bool // real emergency numbers may be dialled
	Demo       bool // nobody but the development phone company is reached; a number may be missing (SQ-0)
	Dev        bool // the clock can be moved over HTTP
	Debug      bool

	AdminPassword string
	Accounts      string        // a file of more console accounts
	Drain         time.Duration // how long live calls may go on after SIGTERM
}

// fromEnv is a flag's default: its environment variable, or else fallback.
func fromEnv(flag, fallback string) string {
	if v := os.Getenv("HOTLINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))); v != "" {
		return v
	}
	return fallback
}

// bind gives s its flags and, from the environment, their defaults.
func (s *settings) bind(f *pflag.FlagSet) {
	str := func(p *string, flag, fallback, usage string) { f.StringVar(p, flag, fromEnv(flag, fallback), usage) }
	yes := func(p *bool, flag, usage string) {
		on, _ := strconv.ParseBool(fromEnv(flag, "false")) // anything else is no
		f.BoolVar(p, flag, on, usage)
	}
	str(&s.Profile, "profile", "zz", "hotline to run: zz, sq, kf, zq, xz")
	str(&s.Deploy, "deploy", "", "folder of hotlines, prompts and calendar instead of those built in")
	str(&s.RunDir, "run-dir", ".run", "folder for the database, recordings and spool")
	str(&s.Sounds, "sounds", ".cache/sounds", "folder of rendered prompts")
	str(&s.DB, "db", "", "database: an SQLite file or postgres://... (default hotline.db in run-dir)")
	str(&s.Redis, "redis", "127.0.0.1:6390", "Redis: host:port, or its sentinels, sentinel://host:port,host:port,.../name")
	str(&s.HTTP, "http", "127.0.0.1:8080", "console and API address")
	str(&s.Node, "node", "main", "name of this controller among several")
	str(&s.ARI, "ari", "http://127.0.0.1:8088", "Asterisk's REST interface")
	str(&s.ARIUser, "ari-user", "hotline", "ARI user")
	str(&s.ARIPass, "ari-pass", "", "ARI password")
	f.StringArrayVar(&s.Switches, "switch", nil, "one of several Asterisks, instead of --ari: name=http://user:password@host:port[,dir=/its/folder]; "+
		"may be repeated, in HOTLINE_SWITCH separated by spaces or semicolons")
	f.StringSliceVar(&s.Trunks, "trunks", strings.Split(fromEnv("trunks", "carrier,carrier2"), ","), "trunks in order of preference, as name or name=host:port; one with an address is probed")
	f.StringSliceVar(&s.TrunkMax, "trunk-max", listed(fromEnv("trunk-max", "")), "most calls at once on a trunk, trunk=calls; emergencies are not counted out")
	f.StringArrayVar(&s.Routes, "route", words(fromEnv("route", "")), "order of trunks for one class of calls (emergency, duty, external), class=trunk,trunk; "+
		"may be repeated, in HOTLINE_ROUTE separated by spaces or semicolons")
	str(&s.CallerLimit, "caller-limit", "6/10", "calls a minute and calls at once of one number; who calls more hears so and has the emergency key; off: no limit")
	str(&s.SourceLimit, "source-limit", "6000/1000", "the same of one address calls come from, for those that are no trunk's")
	f.StringSliceVar(&s.Simulated, "simulated", strings.Split(fromEnv("simulated", ""), ","), "trunks that cannot reach the public network")
	str(&s.Asterisk, "asterisk-dir", "", "Asterisk's own folder (default run-dir/asterisk)")
	str(&s.Tools, "bin", ".cache/bin", "folder of the programs that speak")
	s.carriers.bind(f)
	str(&s.AdminPassword, "admin-password", "", "console password of admin (default: a new one is printed)")
	str(&s.Accounts, "accounts", "", "file of more console accounts, one \"name password role[,role] [unit]\" a line: what needs two people needs two accounts")
	yes(&s.Production, "production", "real emergency numbers may be dialled")
	yes(&s.Demo, "demo", "a demonstration: a hotline whose number its regulation leaves open runs too (SQ-0)")
	yes(&s.Dev, "dev", "development: the clock can be moved over HTTP")
	yes(&s.Debug, "debug", "log more")
	f.DurationVar(&s.Drain, "drain", 30*time.Second, "how long live calls may go on after SIGTERM")
}

// complete fills what follows from other settings and says everything that is wrong.
func (s *settings) complete() error {
	var wrong []error
	for _, dir := range []*string{&s.RunDir, &s.Sounds} {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("folder %q: %w", *dir, err))
			continue
		}
		*dir = abs
	}
	if s.DB == "" {
		s.DB = filepath.Join(s.RunDir, "hotline.db")
	}
	if s.Asterisk == "" {
		s.Asterisk = filepath.Join(s.RunDir, "asterisk")
	}
	if !plainName.MatchString(s.Node) {
		wrong = append(wrong, fmt.Errorf("--node: %q is no name of lower-case letters, digits and -, at most 32", s.Node))
	}
	if err := s.place(); err != nil {
		wrong = append(wrong, err)
	}
	var err error
	if s.outside, err = readOutside(*s); err != nil {
		wrong = append(wrong, err)
	}
	if s.limits, err = readLimits(*s); err != nil {
		wrong = append(wrong, err)
	}
	if _, _, err := readRedis(s.Redis); err != nil {
		wrong = append(wrong, err)
	}
	for flag, addr := range map[string]string{"http": s.HTTP, "smpp": s.SMPP, "cmpp": s.CMPP} {
		if _, _, err := net.SplitHostPort(addr); err != nil && (addr != "" || flag == "http") {
			wrong = append(wrong, fmt.Errorf("--%s: %q is not host:port", flag, addr))
		}
	}
	if _, err := s.specs(); err != nil {
		wrong = append(wrong, err)
	}
	if _, err := s.textLimits(); err != nil {
		wrong = append(wrong, err)
	}
	if s.Production && s.Demo {
		wrong = append(wrong, errors.New("--production and --demo exclude each other: citizens dial a number that is filled in (SQ-0)"))
	}
	if s.Production && s.Dev {
		wrong = append(wrong, errors.New("--production and --dev exclude each other: a clock that moves must never run a real hotline"))
	}
	return errors.Join(wrong...)
}

// place fills places from --switch, else from HOTLINE_SWITCH, whose passwords must not
// become a default that --help shows, else from --ari and its like.
func (s *settings) place() error {
	if len(s.Switches) == 0 {
		s.Switches = words(os.Getenv("HOTLINE_SWITCH"))
	}
	if len(s.Switches) == 0 {
		s.places = []place{{Name: mainSwitch, URL: s.ARI, User: s.ARIUser, Password: s.ARIPass, Dir: s.Asterisk}}
		return nil
	}
	var err error
	s.places, err = parsePlaces(s.Switches)
	for _, p := range s.places {
		if p.Dir != "" {
			s.Asterisk = p.Dir
			break
		}
	}
	return err
}

// recordings is the folder in which Asterisk keeps what it records for us; several share
// one, which the folder of each leads to.
func (s *settings) recordings() string { return filepath.Join(s.Asterisk, "spool", "recording") }

// spool is the folder of what waits for SQL to be back.
func (s *settings) spool() string { return filepath.Join(s.RunDir, "spool") }

// secret is the key under which phone numbers are hidden in Redis. It is made once and
// kept beside the database; controllers that share a Redis must share the file.
func (s *settings) secret() ([]byte, error) {
	file := filepath.Join(s.RunDir, "secret")
	key, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		key = []byte(rand.Text())
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return key, nil
}
