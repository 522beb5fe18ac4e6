package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import dev.modelgate.decisionlog.DecisionMask;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** The settings of the decision log. */
final class DecisionLogOptions {
  private static final List<String> MODES = List.of("off", "sampled", "full");

  @Option(
      names = "--decision-log",
      paramLabel = "MODE",
      defaultValue = "off",
      description =
          "which checks are written to DIR/decisions: off, sampled, full (${DEFAULT-VALUE})")
  String mode = "off";

  @Option(
      names = "--decision-log-sample",
      paramLabel = "N",
      defaultValue = "100",
      description = "one in N checks is written when sampled (${DEFAULT-VALUE})")
  int sample = 100;

  @Option(
      names = "--decision-log-mask",
      paramLabel = "FIELDS",
      defaultValue = "",
      description =
          "what is written as a keyed digest: principals, resources, callers, with commas between")
  String mask = "";

  @Option(
      names = "--decision-log-file-bytes",
      paramLabel = "N",
      defaultValue = "67108864",
      description = "bytes of one file of the decision log (${DEFAULT-VALUE})")
  long fileBytes = 64L << 20;

  @Option(
      names = "--decision-log-files",
      paramLabel = "N",
      defaultValue = "4",
      description = "files of the decision log, the oldest go first (${DEFAULT-VALUE})")
  int files = 4;

  /** Whether anything is written. */
  boolean isOn() {
    return !mode.equals("off");
  }

  /** One in how many checks is written. */
  int every() {
    return mode.equals("full") ? 1 : sample;
  }

  /** What is masked. */
  Set<DecisionMask.Field> masked() {
    Set<DecisionMask.Field> fields = EnumSet.noneOf(DecisionMask.Field.class);
    for (String name : mask.isEmpty() ? new String[0] : mask.split(",", -1)) {
      fields.add(
          List.of(DecisionMask.Field.values()).stream()
              .filter(field -> field.name().toLowerCase(Locale.ROOT).equals(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      SettingException.of(
                          "decision-log-mask",
                          mask,
                          "principals, resources, callers, with commas between")));
    }
    return fields;
  }

  /**
   * Refuses values out of range.
   *
   * @throws SettingException naming the setting
   */
  void require() {
    if (!MODES.contains(mode)) {
      throw SettingException.of("decision-log", mode, String.join(", ", MODES));
    }
    requireRange("decision-log-sample", sample, 1, Integer.MAX_VALUE);
    requireRange("decision-log-file-bytes", fileBytes, 1L << 20, 1L << 40);
    requireRange("decision-log-files", files, 1, 1_000);
    masked();
  }

  private static void requireRange(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw SettingException.of(setting, value, min + ".." + max);
    }
  }
}
