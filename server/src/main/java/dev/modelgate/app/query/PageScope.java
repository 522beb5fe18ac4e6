package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.UndecodableException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a page token is bound to: one listing of one organization in one lineage. A token says only
 * where to go on, never what may be seen, so a caller who computes one himself gains nothing.
 *
 * <pre>
 *   base64url( fixed8 format = 1 | 16 bytes check | position )
 *   check = first half of SHA-256( lineage | organization uid | method | parameters | position )
 * </pre>
 */
final class PageScope {
  private static final int FORMAT = 1;
  private static final int CHECK_BYTES = 16;
  private static final int TOKEN_CHARS_MAX = 4_096;

  private final byte[] prefix;

  private PageScope(byte[] prefix) {
    this.prefix = prefix;
  }

  /**
   * The scope of a listing.
   *
   * @param parameters every field of the request but size and token, in a fixed order
   */
  static PageScope of(OrgState org, String method, List<String> parameters) {
    ByteWriter out =
        new ByteWriter(128)
            .fixed64(org.revision().lineage())
            .fixed64(org.uid().value())
            .text(method)
            .varint(parameters.size());
    parameters.forEach(out::text);
    return new PageScope(out.toBytes());
  }

  /** The token that goes on at a position. */
  String token(byte[] position) {
    byte[] bytes =
        new ByteWriter(CHECK_BYTES + 1 + position.length)
            .fixed8(FORMAT)
            .raw(check(position))
            .raw(position)
            .toBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * The position in a token; empty for the empty token.
   *
   * @param reader reads a position; whoever computes a token himself can put anything there, and
   *     what this does not take, or leaves over, is refused
   * @throws dev.modelgate.model.RefusedException PAGE_TOKEN_INVALID for a token that this scope did
   *     not make
   */
  <P> Optional<P> position(String token, Function<ByteReader, P> reader) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    if (token.length() > TOKEN_CHARS_MAX) {
      throw invalid();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token);
      int begin = 1 + CHECK_BYTES;
      if (bytes.length < begin || bytes[0] != FORMAT) {
        throw invalid();
      }
      byte[] position = Arrays.copyOfRange(bytes, begin, bytes.length);
      if (!Arrays.equals(check(position), Arrays.copyOfRange(bytes, 1, begin))
          || !token.equals(token(position))) {
        throw invalid();
      }
      ByteReader in = new ByteReader(position);
      P read = reader.apply(in);
      in.end();
      return Optional.of(read);
    } catch (IllegalArgumentException | UndecodableException e) {
      throw invalid();
    }
  }

  private byte[] check(byte[] position) {
    byte[] whole = new ByteWriter(prefix.length + 64).bytes(prefix).bytes(position).toBytes();
    return Arrays.copyOf(Digest.sha256().digest(whole), CHECK_BYTES);
  }

  /** The refusal of a token that no listing made. */
  static RuntimeException invalid() {
    return new Refusal(
            Fault.PAGE_TOKEN_INVALID,
            "page_token: not made by this server for this request",
            "page_token",
            Map.of("field", "page_token"))
        .asException();
  }
}
