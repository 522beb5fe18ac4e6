package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import picocli.CommandLine.Option;

/** The settings of the audit trail. */
final class AuditOptions {
  private static final long BYTES_MIN = 1L << 20;
  private static final long BYTES_MAX = 1L << 30;

  @Option(
      names = "--audit-bytes",
      paramLabel = "N",
      defaultValue = "268435456",
      description = "bytes of the audit trail on disk, the oldest go first (${DEFAULT-VALUE})")
  long bytes = 256L << 20;

  @Option(
      names = "--audit-days",
      paramLabel = "N",
      defaultValue = "400",
      description = "days that the audit trail is kept if the bytes allow (${DEFAULT-VALUE})")
  int days = 400;

  @Option(
      names = "--audit-bytes-per-minute",
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "bytes of the audit trail that one caller may write in the long run (${DEFAULT-VALUE})")
  long bytesPerMinute = 4_096;

  /**
   * Refuses values out of range.
   *
   * @throws SettingException naming the setting
   */
  void require() {
    requireRange("audit-bytes", bytes, BYTES_MIN, BYTES_MAX);
    requireRange("audit-days", days, 1, 3_650);
    requireRange("audit-bytes-per-minute", bytesPerMinute, 1, BYTES_MIN);
  }

  private static void requireRange(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw SettingException.of(setting, value, min + ".." + max);
    }
  }
}
