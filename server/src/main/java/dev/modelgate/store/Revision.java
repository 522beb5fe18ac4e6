package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.Base64;
import java.util.Optional;

/**
 * A moment in an organization's history; on the wire an opaque token, the same in a fleet.
 *
 * <pre>
 *   base64url( fixed8 format = 1 | fixed64 lineage, upper half | fixed8 shard | fixed64 organization uid | varint version )
 * </pre>
 *
 * @param lineage the upper half of the lineage's id
 * @param org whose history
 * @param version the number of change sets accepted
 */
public record Revision(long lineage, Uid org, long version) {
  private static final int FORMAT = 1;

  /** The longest token, in characters. */
  public static final int TOKEN_CHARS_MAX = 64;

  /** The moment behind that head. */
  public static Revision of(LineageId lineage, OrgHead head) {
    return new Revision(lineage.high(), head.org(), head.version());
  }

  /** The token, 28 to 38 characters of the URL-safe base64 alphabet. */
  public String token() {
    byte[] bytes =
        new ByteWriter(28)
            .fixed8(FORMAT)
            .fixed64(lineage)
            .fixed8(Shard.of(org).number())
            .fixed64(org.value())
            .varint(version)
            .toBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Reads a token; empty for a text that is none. */
  public static Optional<Revision> parse(String token) {
    if (token.isEmpty() || token.length() > TOKEN_CHARS_MAX) {
      return Optional.empty();
    }
    try {
      ByteReader in = new ByteReader(Base64.getUrlDecoder().decode(token));
      int format = in.fixed8();
      long lineage = in.fixed64();
      int shard = in.fixed8();
      Uid org = new Uid(in.fixed64());
      long version = in.varint();
      in.end();
      Revision revision = new Revision(lineage, org, version);
      // Base64 has bits that stand for nothing, and numbers can be written longer: one spelling.
      boolean ok =
          format == FORMAT
              && version >= 0
              && Shard.of(org).number() == shard
              && revision.token().equals(token);
      return ok ? Optional.of(revision) : Optional.empty();
    } catch (IllegalArgumentException | UndecodableException e) {
      return Optional.empty();
    }
  }
}
