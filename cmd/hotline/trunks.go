package main

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hotline/ivr"
)

// outside is the ways to the outside as the settings describe them.
type outside struct {
	trunks []ivr.Trunk
	addrs  map[string]string // host:port of the trunks whose address we were told
	orders map[ivr.Class][]string
}

// trunkName is what a trunk may be called: its name becomes part of dial strings.
var trunkName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// readOutside reads --trunks, --trunk-max, --route and --simulated and says everything
// that is wrong with them.
func readOutside(s settings) (outside, error) {
	o := outside{addrs: map[string]string{}, orders: map[ivr.Class][]string{}}
	var wrong []error
	most, err := readMost(s.TrunkMax)
	wrong = append(wrong, err)
	for _, text := range s.Trunks {
		name, addr, hasAddr := strings.Cut(text, "=")
		if !trunkName.MatchString(name) {
			wrong = append(wrong, fmt.Errorf("--trunks: %q is no name of letters, digits, dots, - and _", name))
		}
		if hasAddr {
			if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
				wrong = append(wrong, fmt.Errorf("--trunks %s: %q is not host:port", name, addr))
			}
			o.addrs[name] = addr
		}
		o.trunks = append(o.trunks, ivr.Trunk{Name: name, Simulated: slices.Contains(s.Simulated, name), Max: most[name]})
		delete(most, name)
	}
	for name := range most {
		wrong = append(wrong, fmt.Errorf("--trunk-max: %q is not one of the trunks", name))
	}
	for _, text := range s.Routes {
		class, order, ok := strings.Cut(text, "=")
		if !ok || o.orders[ivr.Class(class)] != nil {
			wrong = append(wrong, fmt.Errorf("--route %q: want class=trunk,trunk, each class once; classes are %v", text, ivr.Classes()))
			continue
		}
		o.orders[ivr.Class(class)] = strings.Split(order, ",")
	}
	_, err = o.routes()
	return o, errors.Join(append(wrong, err)...)
}

// readMost reads "carrier=30".
func readMost(list []string) (map[string]int, error) {
	most := map[string]int{}
	var wrong []error
	for _, text := range list {
		name, number, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			wrong = append(wrong, fmt.Errorf("--trunk-max %q: want trunk=calls, at least 1", text))
		}
		most[name] = n
	}
	return most, errors.Join(wrong...)
}

// routes are the trunks in their orders, all of them taken for up.
func (o outside) routes() (*ivr.Routes, error) { return ivr.NewRoutes(o.trunks, o.orders) }
