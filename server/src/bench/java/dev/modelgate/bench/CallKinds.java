package dev.modelgate.bench;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The ways of asking, by the names that subjects use. */
public final class CallKinds {
  /** The echo of the same messages, which a check is compared with. */
  public static final String ECHO = "echo";

  /** How many echoes are in flight where a target is a share of one: gRPC is busy then. */
  static final int ECHOES = 64;

  /** One question in a call of its own. */
  public static final String CHECK = "check";

  /** The same, of a cache that is too small for almost any answer. */
  public static final String COLD = "cold";

  /** The same, of a cache of 192 MiB. */
  public static final String WIDE = "wide";

  /** The same without a cache: everything is read from the store. */
  public static final String UNCACHED = "uncached";

  /** Questions on one stream. */
  public static final String STREAM = "stream";

  /** A hundred questions in a call. */
  public static final String BATCH = "batch";

  /** Followed by the path of a file: the requests that it holds, of whatever service. */
  public static final String RAW = "raw:";

  private static final Map<String, Calls> ALL =
      Map.ofEntries(
          Map.entry(ECHO, unary(ECHO)),
          Map.entry(CHECK, unary(CHECK)),
          Map.entry(COLD, unary(COLD)),
          Map.entry(WIDE, unary(WIDE)),
          Map.entry(UNCACHED, unary(UNCACHED)),
          Map.entry(STREAM, new StreamCalls()),
          Map.entry(BATCH, new BatchCalls()));

  private CallKinds() {}

  private static Calls unary(String name) {
    return new UnaryCalls(methodOf(name));
  }

  /** The gRPC method of unary calls, such as {@code Check}. */
  static String methodOf(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  /** Reads the file where there is one, so asked once for each. */
  static Calls named(String name) {
    if (name.startsWith(RAW)) {
      return new RawCalls(Path.of(name.substring(RAW.length())));
    }
    Calls calls = ALL.get(name);
    if (calls == null) {
      throw new IllegalArgumentException("no such calls: " + name);
    }
    return calls;
  }
}
