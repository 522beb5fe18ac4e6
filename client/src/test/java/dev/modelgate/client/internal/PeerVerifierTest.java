package dev.modelgate.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hazard 40: who may be behind the socket. A plain file stands for it; only its owner counts. */
final class PeerVerifierTest {
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
    int owner = PeerVerifier.ownerOf(socket);
    EmbeddedChannel channel = connected(owner);
    assertTrue(begun.get());
    assertTrue(channel.isOpen());
  }

  @Test
  void peer_ofAnotherUser_isClosedBeforeAnythingBegins() throws IOException {
    EmbeddedChannel channel = connected(PeerVerifier.ownerOf(socket) + 1);
    assertFalse(begun.get());
    assertFalse(channel.isOpen());
    IOException failure = assertThrows(IOException.class, channel::checkException);
    assertTrue(String.valueOf(failure.getMessage()).contains("the server runs as uid"));
  }

  @Test
  void directory_thatEverybodyMayWriteTo_isRefused() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    IOException failure = assertThrows(IOException.class, () -> PeerVerifier.ownerOf(socket));
    assertTrue(String.valueOf(failure.getMessage()).contains("everybody may write"));
  }

  @Test
  void socket_behindASymbolicLink_isJudgedByTheRealDirectory() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path outer = Files.createTempDirectory("modelgate");
    Path link = Files.createSymbolicLink(outer.resolve("link"), directory);
    assertThrows(IOException.class, () -> PeerVerifier.ownerOf(link.resolve("modelgate.sock")));
    Files.delete(link);
    Files.delete(outer);
  }

  @Test
  void socket_thatIsMissing_isRefused() throws IOException {
    Files.delete(socket);
    IOException failure = assertThrows(IOException.class, () -> PeerVerifier.ownerOf(socket));
    assertEquals("`" + socket + "`: no such socket", failure.getMessage());
  }

  /** A channel that becomes active with such a peer. */
  private EmbeddedChannel connected(int uid) {
    return new EmbeddedChannel(
        new PeerVerifier(socket, channel -> uid),
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelActive(ChannelHandlerContext context) {
            begun.set(true);
          }
        });
  }
}
