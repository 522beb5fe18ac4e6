package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A registered resource.
 *
 * @param path below the organization, the key; empty for the organization itself
 * @param uid its identity
 * @param attributes what is said about it
 * @param createdAtMicros when it was created
 * @param changedAtMicros when it was last changed
 * @param changedIn the version that last changed it; the etag is made of it
 */
public record ResourceRow(
    String path,
    Uid uid,
    Attributes attributes,
    long createdAtMicros,
    long changedAtMicros,
    long changedIn)
    implements Row {

  /**
   * What is said about a resource.
   *
   * @param displayName for people; at most 256 bytes
   * @param labels at most 64; in key order
   * @param type what it is within its kind, such as {@code text_classification}; empty for nothing
   *     said
   * @param unit the organizational unit that it belongs to
   * @param flags the state flags that it has, each declared by the profile when it was written
   */
  public record Attributes(
      String displayName,
      Map<String, String> labels,
      String type,
      UnitName unit,
      Set<String> flags) {
    /** Nothing said. */
    public static final Attributes NONE = named("", Map.of());

    /** Copies the collections. */
    public Attributes {
      labels = Map.copyOf(labels);
      flags = Set.copyOf(flags);
    }

    /** Only what is for people. */
    public static Attributes named(String displayName, Map<String, String> labels) {
      return new Attributes(displayName, labels, "", UnitName.ROOT, Set.of());
    }
  }

  /** The key of a path. */
  public static byte[] key(String path) {
    return Layout.key(path);
  }

  /** For people. */
  public String displayName() {
    return attributes.displayName();
  }

  /** For people and tools. */
  public Map<String, String> labels() {
    return attributes.labels();
  }

  @Override
  public Table table() {
    return Table.RESOURCES;
  }

  @Override
  public byte[] key() {
    return key(path);
  }

  @Override
  public byte[] value() {
    ByteWriter out =
        Layout.begin().text(path).fixed64(uid.value()).text(displayName()).varint(labels().size());
    new TreeMap<>(labels()).forEach((key, value) -> out.text(key).text(value));
    out.text(attributes.type()).text(attributes.unit().text());
    out.varint(attributes.flags().size());
    new TreeSet<>(attributes.flags()).forEach(out::text);
    return out.varint(createdAtMicros).varint(changedAtMicros).varint(changedIn).toBytes();
  }

  /** Reads a stored value. */
  public static ResourceRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new ResourceRow(
                in.text(),
                Layout.uid(in.fixed64()),
                new Attributes(
                    in.text(),
                    labels(in),
                    in.text(),
                    new UnitName(in.text()),
                    new LinkedHashSet<>(Layout.texts(in))),
                in.varint(),
                in.varint(),
                in.varint()),
        value);
  }

  private static Map<String, String> labels(ByteReader in) {
    Map<String, String> labels = new TreeMap<>();
    int size = in.varint(64);
    for (int i = 0; i < size; i++) {
      labels.put(in.text(), in.text());
    }
    return labels;
  }
}
