package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections proxies may keep. */
final class ForwardBoundsTest {
  private static final int CONNECTIONS_MAX = 1_024;

  @TempDir Path directory;

  @Test
  void connections_oneTooMany_isClosedAndCountedAndAPlaceThatIsFreeIsTaken() throws Exception {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.proxy.forwardListen = "127.0.0.1:0";
    options.proxy.protectFile =
        Files.writeString(
            directory.resolve("protect.yaml"),
            """
            parent: organizations/acme
            protocols: [open-inference]
            principal: {header: x-user}
            """);
    try (SidecarBed bed = new SidecarBed(options)) {
      InetSocketAddress address = (InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow();
      List<SocketChannel> open = new ArrayList<>();
      try {
        for (int i = 0; i < CONNECTIONS_MAX; i++) {
          open.add(SocketChannel.open(address));
        }
        assertEquals(0, bed.refused("forward-connections"));
        try (SocketChannel tooMany = SocketChannel.open(address)) {
          assertEquals(-1, tooMany.read(ByteBuffer.allocate(1)));
        }
        assertEquals(1, bed.refused("forward-connections"));
      } finally {
        for (SocketChannel channel : open) {
          channel.close();
        }
      }
      Probe.await("a place", () -> isAnswered(address));
    }
  }

  private static boolean isAnswered(InetSocketAddress address) {
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.write(
          ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      return channel.read(ByteBuffer.allocate(1)) == 1;
    } catch (IOException closed) {
      return false;
    }
  }
}
