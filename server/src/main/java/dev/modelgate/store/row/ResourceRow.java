package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.Map;
import java.util.TreeMap;

/**
 * A registered resource.
 *
 * @param path below the organization, the key; empty for the organization itself
 * @param uid its identity
 * @param displayName for people; at most 256 bytes
 * @param labels at most 64, keys and values at most 128 bytes each; in key order
 * @param createdAtMicros when it was created
 * @param changedAtMicros when it was last changed
 * @param changedIn the version that last changed it; the etag is made of it
 */
public record ResourceRow(
    String path,
    Uid uid,
    String displayName,
    Map<String, String> labels,
    long createdAtMicros,
    long changedAtMicros,
    long changedIn)
    implements Row {
  /** Copies the map. */
  public ResourceRow {
    labels = Map.copyOf(labels);
  }

  /** The key of a path. */
  public static byte[] key(String path) {
    return Layout.key(path);
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
        Layout.begin().text(path).fixed64(uid.value()).text(displayName).varint(labels.size());
    new TreeMap<>(labels).forEach((key, value) -> out.text(key).text(value));
    return out.varint(createdAtMicros).varint(changedAtMicros).varint(changedIn).toBytes();
  }

  /** Reads a stored value. */
  public static ResourceRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new ResourceRow(
                in.text(),
                Layout.uid(in.fixed64()),
                in.text(),
                labels(in),
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
