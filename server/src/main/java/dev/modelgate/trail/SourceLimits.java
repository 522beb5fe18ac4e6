package dev.modelgate.trail;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * How many bytes of the trail each source may write: a bucket of {@value #BURST_BYTES} bytes for
 * each credential, and for each peer without one, that fills by a setting per minute. What has no
 * credential shares one more bucket, of four times that, so that many addresses are not many
 * attackers; so does, of sixteen times that, everybody who has one. Emergencies have buckets of
 * their own, so that nobody's refusals keep out that he suspended somebody. The process itself is
 * not limited. Thread-safe.
 */
final class SourceLimits {
  static final long BURST_BYTES = 64 << 10;

  private static final int SOURCES_MAX = 4_096;
  private static final int KNOWN_FACTOR = 16;
  private static final int UNKNOWN_FACTOR = 4;
  private static final double NANOS_PER_MINUTE = 60e9;

  /** What a line has besides its texts. */
  private static final int LINE_BYTES = 400;

  private final long bytesPerMinute;
  private final LongSupplier nanos;
  private final Cache<String, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(SOURCES_MAX).executor(Runnable::run).build();
  private final Bucket unknown;
  private final Bucket known;
  private final Bucket emergencies;

  SourceLimits(long bytesPerMinute, LongSupplier nanos) {
    this.bytesPerMinute = bytesPerMinute;
    this.nanos = nanos;
    this.unknown = new Bucket(UNKNOWN_FACTOR);
    this.known = new Bucket(KNOWN_FACTOR);
    this.emergencies = new Bucket(KNOWN_FACTOR);
  }

  /**
   * Takes room for an event.
   *
   * @return how many events of its source were dropped since the last that had room; empty when
   *     this one has none
   */
  OptionalLong take(TrailEvent event) {
    boolean hasCredential = !event.credential().isEmpty();
    if (!hasCredential && event.peer().isEmpty()) {
      return OptionalLong.of(0);
    }
    boolean emergency = event.kind() == Kind.EMERGENCY;
    Bucket shared = emergency ? emergencies : hasCredential ? known : unknown;
    String source = hasCredential ? "c" + event.credential() : "p" + host(event.peer());
    Bucket own = buckets.get(emergency ? "e" + source : source, name -> new Bucket(1));
    long bytes = bytes(event);
    synchronized (own) {
      if (own.has(bytes) && shared.tryTake(bytes)) {
        own.tryTake(bytes);
        long dropped = own.dropped;
        own.dropped = 0;
        return OptionalLong.of(dropped);
      }
      own.dropped++;
      return OptionalLong.empty();
    }
  }

  /** A peer without its port, of which it has as many as it likes. */
  static String host(String peer) {
    int colon = peer.lastIndexOf(':');
    return colon > 0 ? peer.substring(0, colon) : peer;
  }

  private static long bytes(TrailEvent event) {
    long bytes = LINE_BYTES;
    for (String text :
        new String[] {
          event.credential(),
          event.onBehalfOf(),
          event.method(),
          event.organization(),
          event.resource(),
          event.reason(),
          event.requestId(),
          event.revision(),
          String.join("", event.principals())
        }) {
      bytes += utf8(text);
    }
    return bytes + utf8(event.before()) + utf8(event.after());
  }

  private static long utf8(Map<String, String> values) {
    long bytes = 0;
    for (Map.Entry<String, String> entry : values.entrySet()) {
      bytes += utf8(entry.getKey()) + utf8(entry.getValue());
    }
    return bytes;
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Guarded by itself. */
  private final class Bucket {
    private final double bytesMax;
    private final double bytesPerNano;
    private double bytes;
    private long filled = nanos.getAsLong();
    private long dropped;

    Bucket(int factor) {
      this.bytesMax = (double) BURST_BYTES * factor;
      this.bytesPerNano = bytesPerMinute * factor / NANOS_PER_MINUTE;
      this.bytes = bytesMax;
    }

    synchronized boolean has(long wanted) {
      long now = nanos.getAsLong();
      bytes = Math.min(bytesMax, bytes + Math.max(0, now - filled) * bytesPerNano);
      filled = now;
      return bytes >= wanted;
    }

    synchronized boolean tryTake(long wanted) {
      boolean room = has(wanted);
      if (room) {
        bytes -= wanted;
      }
      return room;
    }
  }
}
