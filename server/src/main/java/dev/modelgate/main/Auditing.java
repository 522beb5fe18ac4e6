package dev.modelgate.main;

import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import dev.modelgate.config.DataDirectory;
import dev.modelgate.config.LastSettings;
import dev.modelgate.config.SettingException;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.trail.FileTrail;
import dev.modelgate.trail.TrailLimits;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/** The audit trail of a sidecar, which begins with what is set otherwise than at the last start. */
final class Auditing {
  private Auditing() {}

  /**
   * Opens the trail. To be called once the store is open, whose lock keeps a second sidecar out.
   *
   * @throws SettingException when it cannot be read or written: nothing runs without its record
   */
  static FileTrail open(
      ServeOptions options, DataDirectory directory, PrometheusTelemetry telemetry, Parts parts) {
    AuditOptions audit = options.audit;
    try {
      FileTrail trail =
          parts.keep(
              new FileTrail(
                  directory.audit(),
                  TrailLimits.of(audit.bytes, Duration.ofDays(audit.days)),
                  audit.bytesPerMinute,
                  Clock.systemUTC()));
      telemetry.counter("modelgate.audit.events", "Events written to the trail", trail::written);
      telemetry.counter(
          "modelgate.audit.events.dropped",
          "Events dropped for want of room: in the bucket of their source, in the queue, on disk",
          trail::dropped);
      telemetry.counter("modelgate.audit.failures", "Failed writes of the trail", trail::failures);
      telemetry.gauge("modelgate.audit.bytes", "Bytes of the trail on disk", trail::bytes);
      recordSettings(options, directory, trail);
      return trail;
    } catch (IOException e) {
      throw new SettingException(
          directory.audit() + ": the audit trail cannot be read or written, " + e.getMessage());
    }
  }

  /** What the settings are now, in events small enough to be kept whole. */
  private static void recordSettings(
      ServeOptions options, DataDirectory directory, AuditTrail trail) throws IOException {
    CommandSpec spec = CommandSpec.forAnnotatedObject(options);
    LastSettings last = LastSettings.read(directory.lastSettings());
    Map<String, LastSettings.Change> changes = last.compare(spec);
    Map<String, String> before = new TreeMap<>();
    Map<String, String> after = new TreeMap<>();
    for (Map.Entry<String, LastSettings.Change> change : changes.entrySet()) {
      before.put(change.getKey(), change.getValue().before());
      after.put(change.getKey(), change.getValue().after());
      if (after.size() == TrailEvent.ENTRIES_MAX) {
        recordSettings(before, after, trail);
      }
    }
    if (!after.isEmpty()) {
      recordSettings(before, after, trail);
    }
    last.write(spec);
  }

  private static void recordSettings(
      Map<String, String> before, Map<String, String> after, AuditTrail trail) {
    trail.record(
        TrailEvent.of(Kind.CONFIGURATION, "SETTINGS_CHANGED")
            .through("serve")
            .changing(before, after)
            .build());
    before.clear();
    after.clear();
  }
}
