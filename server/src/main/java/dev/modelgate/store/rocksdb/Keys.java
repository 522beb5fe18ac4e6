package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Shard;
import dev.modelgate.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The key layouts. Every key but those of the metadata begins with its shard and organization, so
 * that an organization is one range of each family and a shard is too.
 *
 * <pre>
 *   hot tables   | shard 1 | org uid 8 | key of the row ...
 *   org_state    | shard 1 | org uid 8 | table 1 | key of the row ...
 *   log          | shard 1 | org uid 8 | version 8 |                     -> position 8, stored bytes
 *   heads        | shard 1 | org uid 8 |                                 -> {@link HeadRow}
 *   recent       | shard 1 | org uid 8 | 0 | SHA-256(actor, request id) 16 | -> {@link RecentRow}
 *   recent       | shard 1 | org uid 8 | 1 | version 8 |                 -> at 8, the 16 bytes above
 *   default      "schema", "lineage", "shards", "position", "import", "loading" -> see {@link Metadata}
 * </pre>
 *
 * Numbers are big-endian, so that keys sort like them. Change sets that were loaded have in the log
 * the position of the store when that began, the last of them apart.
 */
final class Keys {
  /** Shard and organization. */
  static final int ORG_BYTES = 9;

  private static final byte[] EMPTY = {};

  /** The half of {@code recent} that is ordered by request. */
  private static final int BY_REQUEST = 0;

  /** The half of {@code recent} that is ordered by version, for forgetting. */
  private static final int BY_VERSION = 1;

  private Keys() {}

  static byte[] org(Uid org) {
    return writer(org, 0).toBytes();
  }

  static Uid orgOf(byte[] key) {
    ByteReader in = new ByteReader(key);
    in.fixed8();
    return new Uid(in.fixed64());
  }

  /** What stands between the organization and the row's own key. */
  static byte[] tablePrefix(Uid org, Table table) {
    return Family.of(table) == Family.ORG_STATE
        ? writer(org, 1).fixed8(table.number()).toBytes()
        : org(org);
  }

  static byte[] row(Uid org, Table table, byte[] key) {
    return concat(tablePrefix(org, table), key);
  }

  static byte[] log(Uid org, long version) {
    return writer(org, 8).fixed64(version).toBytes();
  }

  static byte[] recentByRequest(Uid org, byte[] hash) {
    return writer(org, 17).fixed8(BY_REQUEST).raw(hash).toBytes();
  }

  static byte[] recentByVersion(Uid org, long version) {
    return writer(org, 9).fixed8(BY_VERSION).fixed64(version).toBytes();
  }

  /** The prefix of all {@link #recentByVersion}. */
  static byte[] recentVersions(Uid org) {
    return writer(org, 1).fixed8(BY_VERSION).toBytes();
  }

  static long versionOf(byte[] recentByVersionKey) {
    ByteReader in =
        new ByteReader(Arrays.copyOfRange(recentByVersionKey, ORG_BYTES + 1, ORG_BYTES + 9));
    return in.fixed64();
  }

  /** 128 bits of a request's identity; the texts carry their lengths, so no two pairs meet. */
  static byte[] requestHash(Actor actor, RequestId requestId) {
    byte[] identity =
        new ByteWriter(64)
            .text(actor.credential())
            .text(actor.onBehalfOf())
            .text(requestId.text())
            .toBytes();
    return Arrays.copyOf(Digest.sha256().digest(identity), Digest.BYTES);
  }

  static byte[] metadata(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /**
   * The first key behind all keys with that prefix: the prefix plus one as a number, shorter by the
   * 0xff bytes at its end. Null when there is none, for an empty prefix or one of 0xff bytes only.
   *
   * <p>Example: behind {@code 01 02 ff} comes {@code 01 03}.
   */
  static byte @Nullable [] behind(byte[] prefix) {
    int last = prefix.length - 1;
    while (last >= 0 && prefix[last] == (byte) 0xff) {
      last--;
    }
    if (last < 0) {
      return null;
    }
    byte[] next = Arrays.copyOf(prefix, last + 1);
    next[last]++;
    return next;
  }

  static byte[] empty() {
    return EMPTY;
  }

  private static ByteWriter writer(Uid org, int more) {
    return new ByteWriter(ORG_BYTES + more).fixed8(Shard.of(org).number()).fixed64(org.value());
  }
}
