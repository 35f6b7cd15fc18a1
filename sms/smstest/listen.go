package smstest

import "net"

// listenBoth opens an address for TCP and UDP. The port 0 that is free for one of them may be
// taken for the other: then it tries another.
func listenBoth(addr string) (net.Listener, net.PacketConn, error) {
	for tries := 0; ; tries++ {
		port, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		udp, err := net.ListenPacket("udp", port.Addr().String())
		if err == nil {
			return port, udp, nil
		}
		_ = port.Close()
		if _, n, _ := net.SplitHostPort(addr); n != "0" || tries == 20 {
			return nil, nil, err
		}
	}
}
