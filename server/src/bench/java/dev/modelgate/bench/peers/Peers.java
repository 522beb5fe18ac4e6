package dev.modelgate.bench.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** All peers, by their names in the table. */
public final class Peers {
  /** Policies; the one that targets are set against. */
  public static final String CERBOS = "Cerbos";

  /** Relationships. */
  public static final String OPEN_FGA = "OpenFGA";

  /** Relationships too. */
  public static final String SPICE_DB = "SpiceDB";

  private Peers() {}

  /** Those that are libraries, in the order of the table; each is made of the hot set. */
  public static Map<String, Function<HotSet, Library>> libraries() {
    Map<String, Function<HotSet, Library>> libraries = new LinkedHashMap<>();
    libraries.put("jCasbin", Casbin::new);
    libraries.put("Cedar", Cedar::new);
    return libraries;
  }

  /**
   * Fetches, starts and fills a process.
   *
   * @param kept where what was fetched stays for the next run
   * @param directory an empty one, for its configuration and its log
   * @throws AbsentException when that is not possible here
   */
  public static PeerProcess start(String name, Path kept, Path directory, HotSet hot)
      throws IOException, InterruptedException, AbsentException {
    Peer peer = peer(name, directory);
    PeerFetch.Fetched fetched = PeerFetch.fetch(peer.script(), kept);
    return PeerProcess.start(peer, fetched, directory, hot);
  }

  private static Peer peer(String name, Path directory) throws IOException {
    return switch (name) {
      case CERBOS -> new Cerbos(directory);
      case OPEN_FGA -> new OpenFga(freePort());
      case SPICE_DB -> new SpiceDb(directory);
      default -> throw new IllegalArgumentException("no such peer: " + name);
    };
  }

  /** One that was free a moment ago; the peer that listens on it says so if it no longer is. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
