package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.time.Instant;
import java.util.List;

/**
 * One command's effect on one organization: plain state that takes it from {@code baseVersion} to
 * the next.
 *
 * @param org whose state changes
 * @param baseVersion the version that it was validated against, 0 or above
 * @param baseDigest the digest at that version
 * @param actor who did it
 * @param requestId what makes it idempotent; may be absent
 * @param commandDigest SHA-256 of the command, 32 bytes; empty when there is no request id
 * @param at when the command was received, to the microsecond; never before the head's
 * @param reason why, in the actor's words; at most 1,024 bytes
 * @param mutations what changes; may be empty, for a no-op whose request id has to be remembered
 */
public record ChangeSet(
    Uid org,
    long baseVersion,
    Digest baseDigest,
    Actor actor,
    RequestId requestId,
    byte[] commandDigest,
    Instant at,
    String reason,
    List<Mutation> mutations) {
  /** The longest encoding, in bytes: what a log record may hold in a fleet. */
  public static final int ENCODED_BYTES_MAX = 768 * 1024;

  /** Copies the list. */
  public ChangeSet {
    mutations = List.copyOf(mutations);
  }

  /** The version that this change set makes. */
  public long version() {
    return baseVersion + 1;
  }
}
