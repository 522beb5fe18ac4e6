package dev.modelgate.grpc;

import dev.modelgate.app.Telemetry;

/**
 * How much of a listener one peer, and all of them, can take.
 *
 * @param connectionsMax the most connections of a listener; more are closed as they come
 * @param connectionsPerPeerMax the most of them from one address; sockets have no address
 * @param callsPerCallerMax the most calls under way of one credential, or without one of one
 *     address of another machine; whoever calls from this machine without a credential is bounded
 *     by connection alone
 * @param telemetry told of everything that a bound refuses
 */
public record Bounds(
    int connectionsMax, int connectionsPerPeerMax, int callsPerCallerMax, Telemetry telemetry) {
  /** The most calls of the data plane other than Check that one connection has under way. */
  static final int LARGE_CALLS_PER_CONNECTION_MAX = 256;

  /** The most bytes of answers that one connection has been given and has not taken. */
  static final long UNREAD_BYTES_PER_CONNECTION_MAX = 8L << 20;

  /** The same of all connections of a listener. */
  static final long UNREAD_BYTES_MAX = 64L << 20;

  /** The least time between two pings of a client, in seconds; three too early end a connection. */
  public static final int PING_SECONDS_MIN = 10;

  /** How long a connection may be silent before it is pinged, in seconds. */
  public static final int SILENCE_SECONDS_MAX = 60;

  /** The most calls that a connection may cancel within {@link #RESETS_WINDOW_SECONDS}. */
  public static final int RESETS_MAX = 20_000;

  /** The time over which cancelled calls are counted, in seconds. */
  public static final int RESETS_WINDOW_SECONDS = 10;

  /** 1,024 connections, 128 of one address, 4,096 calls of one caller; tells nobody. */
  public static final Bounds DEFAULT = new Bounds(1_024, 128, 4_096, Telemetry.NONE);

  /** Refuses bounds out of range. */
  public Bounds {
    if (connectionsMax < 1 || connectionsPerPeerMax < 1 || callsPerCallerMax < 1) {
      throw new IllegalArgumentException("bounds out of range");
    }
  }
}
