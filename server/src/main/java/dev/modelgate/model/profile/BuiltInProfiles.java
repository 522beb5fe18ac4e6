package dev.modelgate.model.profile;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The profiles that come with the binary. They are only the source of the copy that
 * CreateOrganization makes; what an organization means by a role never changes with the binary
 * (hazard 17).
 */
public final class BuiltInProfiles {
  /** The profile of an organization that names none. */
  public static final String DEFAULT = "modelgate";

  private static final List<String> NAMES =
      List.of(DEFAULT, "ai-builder", "datarobot", "google-ai-platform");

  private BuiltInProfiles() {}

  /** The names, the default first. */
  public static List<String> names() {
    return NAMES;
  }

  /** The document with that name. */
  public static Optional<ProfileDocument> find(String name) {
    if (!NAMES.contains(name)) {
      return Optional.empty();
    }
    String resource = "/dev/modelgate/profiles/" + name + ".yaml";
    try (InputStream in = BuiltInProfiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            "the built-in profile " + resource + " is missing from the jar");
      }
      return Optional.of(
          ProfileDocument.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
