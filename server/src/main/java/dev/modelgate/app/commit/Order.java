package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.store.RequestId;

/**
 * What comes with every command.
 *
 * @param requester who wants it
 * @param requestId what makes it idempotent; may be absent
 * @param commandDigest SHA-256 over method and request (request_id and base_revision apart), 32
 *     bytes; empty without a request id
 * @param reason why, at most 1,024 bytes of UTF-8
 * @param baseRevision the token that an answer OUTCOME_UNKNOWN carried, for its retry; else empty
 */
public record Order(
    Requester requester,
    RequestId requestId,
    byte[] commandDigest,
    String reason,
    String baseRevision) {

  /** An order without request id and reason. */
  public static Order of(Requester requester) {
    return new Order(requester, RequestId.NONE, new byte[0], "", "");
  }
}
