package modelgate

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listening is a verifier of a socket at which this process listens, in a directory with that mode.
func listening(t *testing.T, mode os.FileMode) *peerVerifier {
	t.Helper()
	directory, err := os.MkdirTemp("", "mg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	if err := os.Chmod(directory, mode); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(directory, "s.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	verifier, err := newPeerVerifier(socket, nil)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func refuses(t *testing.T, verifier *peerVerifier, because string) {
	t.Helper()
	connection, err := verifier.dial(t.Context(), "")
	if err == nil {
		_ = connection.Close()
		t.Fatal("connected")
	}
	if !strings.Contains(err.Error(), because) {
		t.Fatalf("got `%v` (expected: %s)", err, because)
	}
}

func TestDial_ownSocketInOwnDirectory_connects(t *testing.T) {
	connection, err := listening(t, 0o750).dial(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = connection.Close()
}

func TestDial_everybodyMayWriteToTheDirectory_refuses(t *testing.T) {
	refuses(t, listening(t, 0o757), "everybody may write")
}

func TestDial_everybodyMayWriteToTheDirectoryBehindALink_refuses(t *testing.T) {
	verifier := listening(t, 0o757)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Dir(verifier.socket), link); err != nil {
		t.Fatal(err)
	}
	verifier.socket = filepath.Join(link, "s.sock")
	refuses(t, verifier, "everybody may write")
}

func TestDial_noSocket_refuses(t *testing.T) {
	verifier := listening(t, 0o750)
	verifier.socket += ".other"
	refuses(t, verifier, "no such socket")
}

func TestDial_serverRunsAsAnother_refuses(t *testing.T) {
	verifier := listening(t, 0o750)
	verifier.peer = func(*net.UnixConn) (int, error) { return os.Geteuid() + 1, nil }
	refuses(t, verifier, "the server runs as uid")
}

func TestDial_ownerIsNotTrusted_refuses(t *testing.T) {
	verifier := listening(t, 0o750)
	verifier.trusted = map[int]bool{}
	refuses(t, verifier, "neither this user nor root")
}

// givenAway is a verifier of a socket that belongs, with its directory, to another user; nil where only root could do
// that and the tests run as somebody else.
func givenAway(t *testing.T, options ...*int) *peerVerifier {
	t.Helper()
	if os.Geteuid() != root {
		t.Log("only root can give a socket away; this rule is tried where the tests run as root")
		return nil
	}
	verifier := listening(t, 0o750)
	for _, path := range []string{verifier.socket, filepath.Dir(verifier.socket)} {
		if err := os.Chown(path, stranger, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, named := range options {
		verifier, _ = newPeerVerifier(verifier.socket, named)
	}
	verifier.peer = func(*net.UnixConn) (int, error) { return stranger, nil }
	return verifier
}

const stranger = 4711

func TestDial_ownerIsAStranger_refuses(t *testing.T) {
	if verifier := givenAway(t); verifier != nil {
		refuses(t, verifier, "neither this user nor root")
	}
}

func TestDial_ownerIsNamed_connects(t *testing.T) {
	uid := stranger
	if verifier := givenAway(t, &uid); verifier != nil {
		connection, err := verifier.dial(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		_ = connection.Close()
	}
}

func TestDial_socketIsOfAnother_refuses(t *testing.T) {
	if verifier := givenAway(t); verifier != nil {
		if err := os.Chown(filepath.Dir(verifier.socket), root, -1); err != nil {
			t.Fatal(err)
		}
		refuses(t, verifier, "its directory by")
	}
}

func TestPeerOfKernel_ownProcess_isOwnUser(t *testing.T) {
	verifier := listening(t, 0o750)
	connection, err := net.Dial("unix", verifier.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	uid, err := peerOfKernel(connection.(*net.UnixConn))
	if err != nil || uid != os.Geteuid() {
		t.Fatalf("got %d, %v", uid, err)
	}
}
