package dev.modelgate.store.row;

import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.Map;
import java.util.TreeMap;

/**
 * An organization's settings; there is exactly one such row once the organization is initialized.
 *
 * @param id the organization's id: {@code acme}
 * @param displayName for people; at most 256 bytes
 * @param profile the name of its profile
 * @param profileVersion which of its profile rows holds; 1 is the first
 * @param vocabulary the numbers of its permissions and roles
 * @param features the features that it switched itself, each with whether it is on; the others are
 *     as the profile says
 * @param createdAtMicros when it was created
 * @param changedAtMicros when its settings were last changed
 * @param changedIn the version that last changed its settings; the etag is made of it
 */
public record SettingsRow(
    String id,
    String displayName,
    String profile,
    long profileVersion,
    Vocabulary vocabulary,
    Map<String, Boolean> features,
    long createdAtMicros,
    long changedAtMicros,
    long changedIn)
    implements Row {
  /** The one key. */
  public static final byte[] KEY = {};

  private static final int FEATURES_MAX = 256;

  /** Copies the map. */
  public SettingsRow {
    features = Map.copyOf(features);
  }

  @Override
  public Table table() {
    return Table.SETTINGS;
  }

  @Override
  public byte[] key() {
    return KEY;
  }

  @Override
  public byte[] value() {
    ByteWriter out = Layout.begin().text(id).text(displayName).text(profile).varint(profileVersion);
    Layout.texts(out, vocabulary.permissions());
    Layout.texts(out, vocabulary.roles());
    out.varint(features.size());
    new TreeMap<>(features).forEach((feature, on) -> out.text(feature).fixed8(on ? 1 : 0));
    return out.varint(createdAtMicros).varint(changedAtMicros).varint(changedIn).toBytes();
  }

  /** Reads a stored value. */
  public static SettingsRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new SettingsRow(
                in.text(),
                in.text(),
                in.text(),
                in.varint(),
                new Vocabulary(Layout.texts(in), Layout.texts(in)),
                features(in),
                in.varint(),
                in.varint(),
                in.varint()),
        value);
  }

  private static Map<String, Boolean> features(ByteReader in) {
    Map<String, Boolean> features = new TreeMap<>();
    int size = in.varint(FEATURES_MAX);
    for (int i = 0; i < size; i++) {
      features.put(in.text(), in.varint(1) == 1);
    }
    return features;
  }
}
