package dev.modelgate.client.cli;

import com.google.protobuf.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time in an option: RFC 3339 such as {@code 2026-12-31T00:00:00Z}, or from now, as {@code 30d}.
 */
@FunctionalInterface
interface PointInTime {

  /** The time, if the command runs now. */
  Timestamp at(Clock clock);

  /** Reads either form. */
  final class Converter implements ITypeConverter<PointInTime> {
    @Override
    public PointInTime convert(String text) {
      if (text.indexOf('T') < 0) {
        var offset = new DurationConverter().convert(text);
        return clock -> toWire(clock.instant().plus(offset));
      }
      return absolute(text);
    }
  }

  /** Reads either form, the second back from now: {@code 24h} is a day ago. */
  final class PastConverter implements ITypeConverter<PointInTime> {
    @Override
    public PointInTime convert(String text) {
      if (text.indexOf('T') < 0) {
        var offset = new DurationConverter().convert(text);
        return clock -> toWire(clock.instant().minus(offset));
      }
      return absolute(text);
    }
  }

  private static PointInTime absolute(String text) {
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return clock -> toWire(instant);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "`" + text + "` (expected: such as 2026-12-31T00:00:00Z or 30d)");
    }
  }

  private static Timestamp toWire(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
