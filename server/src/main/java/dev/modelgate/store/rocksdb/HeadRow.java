package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.UndecodableException;
import java.time.Instant;

/**
 * What is stored of an organization's head.
 *
 * <pre>
 *   fixed8  format = 1
 *   varint  version
 *   fixed64 digest, two halves
 *   fixed64
 *   fixed64 at, microseconds since 1970
 *   varint  log base: the log holds the versions above it; 0 unless the organization was imported
 *   varint  recent since
 *   varint  number of entries in the recent window
 *   fixed64 a time at or before that of the oldest of them, microseconds since 1970
 * </pre>
 *
 * @param logBase the version up to which the state came by import
 * @param recentSince the highest version whose request id may be forgotten
 * @param recentCount how many request ids are remembered
 * @param oldestRecent at or before the time of the oldest of them, so that most change sets need
 *     not look
 */
record HeadRow(
    OrgHead head, long logBase, long recentSince, long recentCount, Instant oldestRecent) {
  private static final int FORMAT = 1;

  static HeadRow empty(Uid org) {
    return new HeadRow(OrgHead.empty(org), 0, 0, 0, Instant.EPOCH);
  }

  /** The head of an organization that came by import: no log and no requests before it. */
  static HeadRow imported(OrgHead head) {
    return new HeadRow(head, head.version(), head.version(), 0, head.at());
  }

  byte[] encode() {
    return new ByteWriter(48)
        .fixed8(FORMAT)
        .varint(head.version())
        .fixed64(head.digest().high())
        .fixed64(head.digest().low())
        .fixed64(Micros.of(head.at()))
        .varint(logBase)
        .varint(recentSince)
        .varint(recentCount)
        .fixed64(Micros.of(oldestRecent))
        .toBytes();
  }

  static HeadRow decode(Uid org, byte[] value) {
    ByteReader in = new ByteReader(value);
    int format = in.fixed8();
    if (format != FORMAT) {
      throw new UndecodableException("unknown format " + format + " of the head of " + org);
    }
    OrgHead head =
        new OrgHead(
            org,
            in.varint(),
            new Digest(in.fixed64(), in.fixed64()),
            Micros.toInstant(in.fixed64()));
    HeadRow row =
        new HeadRow(head, in.varint(), in.varint(), in.varint(), Micros.toInstant(in.fixed64()));
    in.end();
    return row;
  }
}
