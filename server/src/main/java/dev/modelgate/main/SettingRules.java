package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.ResourceName;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which values of the settings go, alone and together. */
final class SettingRules {
  private static final List<String> LOG_FORMATS = List.of("text", "json");
  private static final List<String> LOG_LEVELS = List.of("error", "warn", "info", "debug", "trace");
  private static final List<String> UNAUTHENTICATED = List.of("local", "never", "anywhere");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kKmMgG]?)");

  /** Less would not hold the stamps (8 MiB), gRPC and a cache worth having. */
  private static final long HEAP_BYTES_MIN = 64L << 20;

  private static final long HEAP_BYTES_MAX = 1L << 40;

  private SettingRules() {}

  /**
   * Refuses values out of range, and such that do not go together.
   *
   * @throws SettingException naming the setting, its value and what was expected
   */
  static void require(ServeOptions options) {
    requireRange("port", options.port, 0, 65_535);
    requireRange("admin-port", options.adminPort, 0, 65_535);
    requireRange("http-port", options.httpPort, 0, 65_535);
    requireRange("miss-threads", options.missThreads, 1, 256);
    requireRange("miss-queue", options.missQueue, 1, 1_000_000);
    requireRange("connections", options.connections, 1, 1_000_000);
    requireRange("connections-per-peer", options.connectionsPerPeer, 1, 1_000_000);
    requireRange("calls-per-caller", options.callsPerCaller, 1, 1_000_000);
    requireRange("watched-accesses", options.watchedAccesses, 1, 1_000_000);
    requireRange("watch-streams-per-caller", options.watchStreamsPerCaller, 1, 1_024);
    requireRange("recheck-every", options.recheckEvery, 0, Integer.MAX_VALUE);
    requireRange("restore-window-days", options.restoreWindowDays, 0, 3_650);
    requireRange("drain-seconds", options.drainSeconds, 0, 3_600);
    requireRange("cache-bytes", options.cacheBytes, 0, 1L << 40);
    requireRange("block-cache-bytes", options.blockCacheBytes, 8L << 20, 1L << 40);
    options.audit.require();
    options.decisionLog.require();
    requireOneOf("log-format", options.logFormat, LOG_FORMATS);
    requireOneOf("log-level", options.logLevel, LOG_LEVELS);
    requireOneOf("unauthenticated", options.identity.unauthenticated, UNAUTHENTICATED);
    var unused = options.identity.settings();
    requireText("data", options.data.toString(), "a directory");
    if (options.socket != null) {
      requireText("socket", options.socket, "a path or none");
    }
    requireDefaultParent(options.defaultParent);
    requireOrganization(options.iamOrganization);
    heapBytes(options.heap);
    TransportRules.require(options);
    Forwarding.require(options);
  }

  /**
   * Refuses a cache that does not leave half of the heap to everything else; it would end in an
   * OutOfMemoryError after hours.
   */
  static void requireRoom(ServeOptions options, long heapBytes) {
    if (options.cacheBytes > heapBytes / 2) {
      throw SettingException.of(
          "cache-bytes",
          options.cacheBytes,
          "at most half of the heap, which has " + heapBytes + " bytes");
    }
  }

  /** The bytes of a heap written as for {@code -Xmx}. */
  static long heapBytes(String heap) {
    Matcher size = SIZE.matcher(heap);
    if (size.matches()) {
      int shift =
          switch (size.group(2)) {
            case "k", "K" -> 10;
            case "m", "M" -> 20;
            case "g", "G" -> 30;
            default -> 0;
          };
      long number = Long.parseLong(size.group(1));
      if (number <= HEAP_BYTES_MAX >> shift && number << shift >= HEAP_BYTES_MIN) {
        return number << shift;
      }
    }
    throw SettingException.of("heap", heap, "64m..1024g, a number with k, m or g as for -Xmx");
  }

  private static void requireDefaultParent(String name) {
    if (name.isEmpty()) {
      return;
    }
    try {
      ResourceName.parse(name);
    } catch (InvalidNameException e) {
      throw SettingException.of("default-parent", name, "the full name of a resource");
    }
  }

  private static void requireOrganization(String id) {
    if (id.isEmpty()) {
      return;
    }
    try {
      if (id.indexOf('/') < 0 && !ResourceName.parse("organizations/" + id).hasParent()) {
        return;
      }
    } catch (InvalidNameException e) {
      // Said below in our words.
    }
    throw SettingException.of("iam-organization", id, "the id of an organization");
  }

  static void requireText(String setting, String text, String expected) {
    if (text.isBlank()) {
      throw SettingException.of(setting, text, expected);
    }
  }

  static void requireOneOf(String setting, String value, List<String> values) {
    if (!values.contains(value)) {
      throw SettingException.of(setting, value, String.join(", ", values));
    }
  }

  static void requireRange(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw SettingException.of(setting, value, min + ".." + max);
    }
  }
}
