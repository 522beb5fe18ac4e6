package dev.modelgate.bench.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** Waits for a process to listen. */
final class PeerWait {
  private static final long SECONDS_MAX = 60;
  private static final long POLL_MILLIS = 50;

  private PeerWait() {}

  /**
   * Returns when a connection is accepted.
   *
   * @param target {@code unix:<path>} or {@code tcp:<host>:<port>}
   * @throws AbsentException when the process ends before, or takes longer than a minute
   */
  static void untilItAccepts(String target, Process process)
      throws InterruptedException, AbsentException {
    String[] parts = target.split(":", 3);
    SocketAddress address =
        parts[0].equals("unix")
            ? UnixDomainSocketAddress.of(parts[1])
            : new InetSocketAddress(parts[1], Integer.parseInt(parts[2]));
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
    while (System.nanoTime() < until) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new AbsentException("ended with exit code " + process.exitValue());
      }
      try (SocketChannel channel = SocketChannel.open(address)) {
        if (channel.isConnected()) {
          return;
        }
      } catch (IOException e) {
        // Not yet: the next round asks again.
      }
    }
    throw new AbsentException("does not listen after " + SECONDS_MAX + " seconds");
  }
}
