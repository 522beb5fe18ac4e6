package modelgate

import (
	"context"
	"fmt"
	"net"
)

// dialLoopback refuses an address that a name has led to and that is not of this machine: nothing protects it.
func dialLoopback(ctx context.Context, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if remote, ok := connection.RemoteAddr().(*net.TCPAddr); !ok || !remote.IP.IsLoopback() {
		_ = connection.Close()
		return nil, fmt.Errorf("`%s` is `%s` (expected: loopback)", address, connection.RemoteAddr())
	}
	return connection, nil
}
