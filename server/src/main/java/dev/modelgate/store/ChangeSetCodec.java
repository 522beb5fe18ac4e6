package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The stored bytes of a change set, format 1. Frozen: every node must read them alike, for ever.
 *
 * <pre>
 *   fixed8   format = 1
 *   fixed64  organization uid
 *   varint   base version
 *   fixed64  base digest, two halves
 *   fixed64
 *   text     credential
 *   text     on behalf of
 *   text     request id
 *   bytes    command digest, 0 or 32
 *   varint   at, microseconds since 1970
 *   text     reason
 *   varint   number of mutations, then each:
 *     fixed8   table number, plus 128 for a delete
 *     bytes    key
 *     bytes    value, not for a delete
 * </pre>
 */
public final class ChangeSetCodec {
  private static final int FORMAT = 1;
  private static final int DELETE = 0x80;
  private static final int MUTATIONS_MAX = 1 << 20;

  private ChangeSetCodec() {}

  /** The bytes that are stored and that the digest runs over. */
  public static byte[] encode(ChangeSet changeSet) {
    ByteWriter out =
        new ByteWriter(256)
            .fixed8(FORMAT)
            .fixed64(changeSet.org().value())
            .varint(changeSet.baseVersion())
            .fixed64(changeSet.baseDigest().high())
            .fixed64(changeSet.baseDigest().low())
            .text(changeSet.actor().credential())
            .text(changeSet.actor().onBehalfOf())
            .text(changeSet.requestId().text())
            .bytes(changeSet.commandDigest())
            .varint(Micros.of(changeSet.at()))
            .text(changeSet.reason())
            .varint(changeSet.mutations().size());
    for (Mutation mutation : changeSet.mutations()) {
      if (mutation instanceof Mutation.Put put) {
        out.fixed8(put.table().number()).bytes(put.key()).bytes(put.value());
      } else {
        out.fixed8(mutation.table().number() | DELETE).bytes(mutation.key());
      }
    }
    return out.toBytes();
  }

  /**
   * Reads stored bytes.
   *
   * @throws UndecodableException for anything that {@link #encode} does not write
   */
  public static ChangeSet decode(byte[] stored) {
    ByteReader in = new ByteReader(stored);
    int format = in.fixed8();
    if (format != FORMAT) {
      throw new UndecodableException("unknown change set format " + format);
    }
    Uid org = uid(in.fixed64());
    long baseVersion = in.varint();
    Digest baseDigest = new Digest(in.fixed64(), in.fixed64());
    Actor actor = new Actor(in.text(), in.text());
    RequestId requestId = requestId(in.text());
    byte[] commandDigest = in.bytes();
    Instant at = Micros.toInstant(in.varint());
    String reason = in.text();
    int count = in.varint(MUTATIONS_MAX);
    List<Mutation> mutations = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      int tag = in.fixed8();
      Table table = Table.ofNumber(tag & ~DELETE);
      if (table.isIndex()) {
        throw new UndecodableException("a change set holds a row of the index " + table);
      }
      byte[] key = in.bytes();
      mutations.add(
          (tag & DELETE) != 0
              ? new Mutation.Delete(table, key)
              : new Mutation.Put(table, key, in.bytes()));
    }
    in.end();
    if (baseVersion < 0 || commandDigest.length != 0 && commandDigest.length != 32) {
      throw new UndecodableException(
          "a change set has a base version or command digest out of range");
    }
    return new ChangeSet(
        org, baseVersion, baseDigest, actor, requestId, commandDigest, at, reason, mutations);
  }

  private static Uid uid(long value) {
    if (value < 0) {
      throw new UndecodableException("a uid is negative");
    }
    return new Uid(value);
  }

  private static RequestId requestId(String text) {
    try {
      return new RequestId(text);
    } catch (IllegalArgumentException e) {
      throw new UndecodableException("a request id is out of range");
    }
  }
}
