package dev.modelgate.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hazard 40: who may be behind the socket. A plain file stands for it; only its owner counts. */
final class PeerVerifierTest {
  private static final Set<Integer> ME = PeerVerifier.trusted(OptionalInt.empty());

  @TempDir Path directory;

  private final AtomicBoolean begun = new AtomicBoolean();
  private Path socket = Path.of("");

  @BeforeEach
  void makeSocket() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
    socket = Files.createFile(directory.resolve("modelgate.sock"));
  }

  @Test
  void peer_ofTheOwner_isSpokenTo() throws IOException {
    int owner = PeerVerifier.ownerOf(socket, ME);
    EmbeddedChannel channel = connected(owner);
    assertTrue(begun.get());
    assertTrue(channel.isOpen());
  }

  @Test
  void peer_ofAnotherUser_isClosedBeforeAnythingBegins() throws IOException {
    EmbeddedChannel channel = connected(PeerVerifier.ownerOf(socket, ME) + 1);
    assertFalse(begun.get());
    assertFalse(channel.isOpen());
    IOException failure = assertThrows(IOException.class, channel::checkException);
    assertTrue(String.valueOf(failure.getMessage()).contains("the server runs as uid"));
  }

  @Test
  void directory_thatEverybodyMayWriteTo_isRefused() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    IOException failure = assertThrows(IOException.class, () -> PeerVerifier.ownerOf(socket, ME));
    assertTrue(String.valueOf(failure.getMessage()).contains("everybody may write"));
  }

  @Test
  void socket_behindASymbolicLink_isJudgedByTheRealDirectory() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path outer = Files.createTempDirectory("modelgate");
    Path link = Files.createSymbolicLink(outer.resolve("link"), directory);
    assertThrows(IOException.class, () -> PeerVerifier.ownerOf(link.resolve("modelgate.sock"), ME));
    Files.delete(link);
    Files.delete(outer);
  }

  @Test
  void socket_thatIsMissing_isRefused() throws IOException {
    Files.delete(socket);
    IOException failure = assertThrows(IOException.class, () -> PeerVerifier.ownerOf(socket, ME));
    assertEquals("`" + socket + "`: no such socket", failure.getMessage());
  }

  /** Anybody can make a directory in one that all may write to, and wait there. */
  @Test
  void socket_ofAStranger_isRefusedUnlessHeIsNamed() throws IOException {
    int owner = PeerVerifier.ownerOf(socket, ME);
    Set<Integer> others = Set.of(owner + 1);
    IOException failure =
        assertThrows(IOException.class, () -> PeerVerifier.ownerOf(socket, others));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("its owner, uid " + owner + ", is neither"));
    assertEquals(owner, PeerVerifier.ownerOf(socket, PeerVerifier.trusted(OptionalInt.of(owner))));
  }

  /** Whoever may write to the directory, as its group may, could have put his own there. */
  @Test
  void socket_ofAnotherOwnerThanItsDirectory_isRefused() throws IOException {
    int me = (Integer) Files.getAttribute(directory, "unix:uid");
    Path foreign = socket;
    if (me == 0) {
      Files.setAttribute(foreign, "unix:uid", 1);
    } else {
      foreign = Files.createSymbolicLink(directory.resolve("root"), Path.of("/"));
    }
    Path path = foreign;
    Set<Integer> both = PeerVerifier.trusted(OptionalInt.of(1));
    IOException failure = assertThrows(IOException.class, () -> PeerVerifier.ownerOf(path, both));
    assertTrue(String.valueOf(failure.getMessage()).contains("its directory by " + me));
  }

  @Test
  void socket_thatIsNotTrustedAnyMore_isNotConnectedTo() throws IOException {
    EmbeddedChannel channel = connected(PeerVerifier.ownerOf(socket, ME));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    ChannelFuture connecting = channel.connect(InetSocketAddress.createUnresolved("socket", 1));
    assertTrue(connecting.isDone());
    assertFalse(connecting.isSuccess());
    assertTrue(String.valueOf(connecting.cause().getMessage()).contains("everybody may write"));
  }

  @Test
  void directory_whereOnlyRootCanHaveMadeIt_isGiven() throws IOException {
    assertTrue(PeerVerifier.isGiven(Path.of("/usr/bin"), Set.of(0)));
    assertFalse(PeerVerifier.isGiven(Path.of("/usr/bin"), Set.of(1)));
    assertFalse(
        PeerVerifier.isGiven(directory.toRealPath(), PeerVerifier.trusted(OptionalInt.of(0))));
  }

  @Test
  void trusted_always_areThisUserAndRoot() throws IOException {
    int me = (Integer) Files.getAttribute(directory, "unix:uid");
    assertEquals(me == 0 ? Set.of(0) : Set.of(0, me), ME);
    assertTrue(PeerVerifier.trusted(OptionalInt.of(4_711)).contains(4_711));
  }

  /** A channel that becomes active with such a peer. */
  private EmbeddedChannel connected(int uid) {
    return new EmbeddedChannel(
        new PeerVerifier(socket, ME, channel -> uid),
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelActive(ChannelHandlerContext context) {
            begun.set(true);
          }
        });
  }
}
