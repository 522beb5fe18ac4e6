package dev.modelgate.main;

import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The settings of a sidecar in the process of a gateway: those of {@code serve}, with {@value
 * #PREFIX} before their names, for both have ports, addresses and certificates. What is of the
 * process as a whole is the gateway's own setting and counts for both.
 */
final class SidecarSettings {
  static final String PREFIX = "sidecar-";

  /** Not of the sidecar alone, or without meaning here. */
  private static final Set<String> SHARED =
      Set.of("data", "drain-seconds", "log-format", "log-level", "heap", "config");

  private SidecarSettings() {}

  /** Has a command take them. */
  static void add(CommandSpec command, ServeOptions options) {
    for (OptionSpec option : CommandSpec.forAnnotatedObject(options).options()) {
      String name = SettingDefaults.name(option);
      if (!SHARED.contains(name)) {
        command.addOption(OptionSpec.builder(option).names("--" + PREFIX + name).build());
      }
    }
  }

  /**
   * Makes them those of a sidecar in the gateway's process.
   *
   * @throws SettingException when they do not go
   */
  static void complete(ServeOptions options, GatewayOptions gateway) {
    if (gateway.data == null) {
      throw new IllegalStateException("a sidecar without data");
    }
    options.data = gateway.data;
    options.drainSeconds = gateway.drainSeconds;
    options.logFormat = gateway.logFormat;
    options.logLevel = gateway.logLevel;
    options.heap = gateway.heap();
    require(options);
  }

  /**
   * Refuses values that do not go.
   *
   * @throws SettingException by the names that they have here
   */
  static void require(ServeOptions options) {
    try {
      SettingRules.require(options);
    } catch (SettingException e) {
      throw named(e);
    }
  }

  /** Refuses a cache that the heap has no room for. */
  static void requireRoom(ServeOptions options, long heapBytes) {
    try {
      SettingRules.requireRoom(options, heapBytes);
    } catch (SettingException e) {
      throw named(e);
    }
  }

  /** What is wrong with a setting of {@code serve}, by the name that it has here. */
  static SettingException named(SettingException failure) {
    return failure.setting().filter(SHARED::contains).isPresent()
        ? failure
        : failure.prefixed(PREFIX);
  }

  /**
   * Refuses them where there is no sidecar in the process, for nothing would come of them.
   *
   * @throws SettingException naming the first that is set
   */
  static void requireNone(CommandSpec command, SettingDefaults defaults) {
    for (OptionSpec option : command.options()) {
      String name = SettingDefaults.name(option);
      if (name.startsWith(PREFIX)
          && !GatewayOptions.OF_ANOTHER_SIDECAR.contains(name)
          && defaults.isSet(name)) {
        @Nullable Object value = option.getValue();
        throw SettingException.of(name, value == null ? "" : value, "data with it");
      }
    }
  }
}
