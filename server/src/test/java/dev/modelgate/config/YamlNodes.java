package dev.modelgate.config;

/** Texts as if they stood in a file named {@code test.yaml}. */
public final class YamlNodes {
  private YamlNodes() {}

  /** Reads a text. */
  public static YamlNode parse(String text) {
    return YamlNode.parse("test.yaml", text);
  }
}
