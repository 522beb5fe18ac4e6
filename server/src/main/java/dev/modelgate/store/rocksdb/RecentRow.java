package dev.modelgate.store.rocksdb;

import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Recent;
import java.time.Instant;
import java.util.Arrays;

/**
 * The two stored values of a remembered request.
 *
 * <pre>
 *   by request:  varint version | fixed64 at | bytes command digest
 *   by version:  fixed64 at | 16 bytes of the request's hash
 * </pre>
 */
final class RecentRow {
  private RecentRow() {}

  static byte[] encode(Recent recent) {
    return new ByteWriter(52)
        .varint(recent.version())
        .fixed64(Micros.of(recent.at()))
        .bytes(recent.commandDigest())
        .toBytes();
  }

  static Recent decode(byte[] value) {
    ByteReader in = new ByteReader(value);
    long version = in.varint();
    long atMicros = in.fixed64();
    Recent recent = new Recent(version, in.bytes(), Micros.toInstant(atMicros));
    in.end();
    return recent;
  }

  static byte[] expiry(Recent recent, byte[] hash) {
    return new ByteWriter(24).fixed64(Micros.of(recent.at())).raw(hash).toBytes();
  }

  static Instant expiryAt(byte[] value) {
    return Micros.toInstant(new ByteReader(value).fixed64());
  }

  static byte[] expiryHash(byte[] value) {
    return Arrays.copyOfRange(value, 8, value.length);
  }
}
