package dev.modelgate.main;

import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.ProtectionException;
import dev.modelgate.config.SettingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings for proxies that ask before they let a request through. */
final class ProxyOptions {
  @Option(
      names = "--protect-file",
      paramLabel = "FILE",
      description =
          "YAML file that says what requests ask for and who asks; turns on"
              + " envoy.service.auth.v3.Authorization")
  @Nullable Path protectFile;

  /**
   * Reads a protection document.
   *
   * @throws SettingException naming the place in the file
   */
  static Protection read(Path file) {
    try {
      return Protection.read(file);
    } catch (ProtectionException e) {
      throw new SettingException(String.valueOf(e.getMessage()));
    }
  }
}
