package dev.modelgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The file of settings: YAML, a flat mapping of names to values. Names are read as they stand, so
 * that errors can tell the line; no value is made from them here.
 *
 * @param name the file as the operator wrote it
 * @param entries the settings in the order of the file
 */
record SettingFile(String name, Map<String, Entry> entries) {
  private static final int BYTES_MAX = 1 << 20;
  private static final SettingFile NONE = new SettingFile("", Map.of());

  /** One setting and the line that sets it, counted from 1. */
  record Entry(String value, int line) {}

  /** No file. */
  static SettingFile none() {
    return NONE;
  }

  /**
   * Reads a file of at most {@value #BYTES_MAX} bytes.
   *
   * @throws SettingException when it cannot be read, is no flat mapping, or sets something twice
   */
  static SettingFile read(String name) {
    try {
      Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(text(name));
      if (root.isEmpty()) {
        return new SettingFile(name, Map.of());
      }
      if (!(root.get() instanceof MappingNode mapping)) {
        throw new SettingException(name + ": expected `setting: value` on each line");
      }
      Map<String, Entry> entries = new LinkedHashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        add(name, tuple, entries);
      }
      return new SettingFile(name, entries);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new SettingException(at(name, line) + oneLine(e.getProblem()));
    } catch (YamlEngineException e) {
      throw new SettingException(name + ": is no YAML");
    }
  }

  /** The place of a line, as errors begin with it. */
  static String at(String name, int line) {
    return name + ", line " + line + ": ";
  }

  private static void add(String name, NodeTuple tuple, Map<String, Entry> entries) {
    int line = tuple.getKeyNode().getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    if (!(tuple.getKeyNode() instanceof ScalarNode key)
        || !(tuple.getValueNode() instanceof ScalarNode value)
        || value.getTag().equals(Tag.NULL)) {
      throw new SettingException(at(name, line) + "expected `setting: value`");
    }
    Entry before = entries.putIfAbsent(key.getValue(), new Entry(value.getValue(), line));
    if (before != null) {
      throw new SettingException(
          at(name, line)
              + "`"
              + oneLine(key.getValue())
              + "` is set already in line "
              + before.line());
    }
  }

  /** The text of a file of at most {@value #BYTES_MAX} bytes. */
  static String text(String name) {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw new SettingException(name + ": is a directory (expected: a YAML file)");
      }
      try (InputStream in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(BYTES_MAX + 1);
        if (bytes.length > BYTES_MAX) {
          throw new SettingException(name + ": is larger than " + BYTES_MAX + " bytes");
        }
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      }
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new SettingException(oneLine(name) + ": there is no such file");
    } catch (CharacterCodingException e) {
      throw new SettingException(name + ": is not UTF-8");
    } catch (IOException e) {
      throw new SettingException(name + ": cannot be read");
    }
  }

  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
