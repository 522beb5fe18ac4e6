package modelgate

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

const root = 0

// peerVerifier refuses an impostor on the socket before a byte is sent (hazard 40).
//
// Before connecting: the directory is not writable by everybody, the socket belongs to the directory's owner, and he is
// trusted: he is this process's user, root, or named; or root gave him the directory, for nobody else could have made it
// where it is. After connecting: the peer's uid, which the kernel tells, is that owner.
type peerVerifier struct {
	socket  string // absolute
	trusted map[int]bool
	peer    func(*net.UnixConn) (int, error)
}

func newPeerVerifier(socket string, named *int) (*peerVerifier, error) {
	absolute, err := filepath.Abs(socket)
	if err != nil {
		return nil, err
	}
	trusted := map[int]bool{root: true, os.Geteuid(): true}
	if named != nil {
		trusted[*named] = true
	}
	return &peerVerifier{socket: absolute, trusted: trusted, peer: peerOfKernel}, nil
}

// dial connects and verifies; gRPC has sent nothing yet when it returns.
func (v *peerVerifier) dial(ctx context.Context, _ string) (net.Conn, error) {
	if _, err := v.owner(); err != nil {
		return nil, err
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "unix", v.socket)
	if err != nil {
		return nil, err
	}
	if err := v.verify(connection); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return connection, nil
}

func (v *peerVerifier) verify(connection net.Conn) error {
	unix, ok := connection.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("`%s`: `%T` (expected: a unix socket)", v.socket, connection)
	}
	uid, err := v.peer(unix)
	if err != nil {
		return err
	}
	owner, err := v.owner()
	if err != nil {
		return err
	}
	if uid != owner {
		return fmt.Errorf("`%s`: the server runs as uid %d, the owner is %d", v.socket, uid, owner)
	}
	return nil
}

// owner is the uid that owns the socket and its directory, if he is trusted.
func (v *peerVerifier) owner() (int, error) {
	socket, err := os.Stat(v.socket)
	if err != nil {
		return 0, fmt.Errorf("no such socket: %w", err)
	}
	directory, err := filepath.EvalSymlinks(filepath.Dir(v.socket))
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(directory)
	if err != nil {
		return 0, err
	}
	if info.Mode().Perm()&0o002 != 0 {
		return 0, fmt.Errorf("`%s`: everybody may write to the socket's directory", directory)
	}
	owner, socketOwner := uidOf(info), uidOf(socket)
	if owner != socketOwner {
		return 0, fmt.Errorf("`%s`: owned by uid %d, its directory by %d", v.socket, socketOwner, owner)
	}
	if v.trusted[owner] {
		return owner, nil
	}
	given, err := v.given(directory)
	if err != nil {
		return 0, err
	}
	if !given {
		return 0, fmt.Errorf("`%s`: its owner, uid %d, is neither this user nor root, and others could have made its "+
			"directory; name the owner if it is the sidecar's user", v.socket, owner)
	}
	return owner, nil
}

// given tells whether all directories above are of trusted users, and nobody else may write to them.
func (v *peerVerifier) given(directory string) (bool, error) {
	for at := directory; at != filepath.Dir(at); {
		at = filepath.Dir(at)
		info, err := os.Stat(at)
		if err != nil {
			return false, err
		}
		if !v.trusted[uidOf(info)] || info.Mode().Perm()&0o022 != 0 {
			return false, nil
		}
	}
	return true, nil
}

func uidOf(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// peerOfKernel asks the kernel for SO_PEERCRED.
func peerOfKernel(connection *net.UnixConn) (int, error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *syscall.Ucred
	var failure error
	if err := raw.Control(func(fd uintptr) {
		credentials, failure = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if failure != nil {
		return 0, fmt.Errorf("SO_PEERCRED: %w", failure)
	}
	return int(credentials.Uid), nil
}
