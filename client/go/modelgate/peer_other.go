//go:build !linux

package modelgate

import (
	"context"
	"fmt"
	"net"
)

type peerVerifier struct{}

func newPeerVerifier(socket string, _ *int) (*peerVerifier, error) {
	return nil, fmt.Errorf("unix socket `%s`: needs Linux, which tells who is at the other end; use an address", socket)
}

func (*peerVerifier) dial(context.Context, string) (net.Conn, error) {
	panic("unreachable: no verifier can be made")
}
