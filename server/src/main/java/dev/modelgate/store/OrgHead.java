package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.time.Instant;

/**
 * How far an organization's history goes.
 *
 * @param org whose history
 * @param version the number of change sets accepted, 0 before the first
 * @param digest the chain over their stored bytes
 * @param at the time of the last one; 1970 before the first
 */
public record OrgHead(Uid org, long version, Digest digest, Instant at) {
  /** The head of an organization without history. */
  public static OrgHead empty(Uid org) {
    return new OrgHead(org, 0, Digest.ZERO, Instant.EPOCH);
  }
}
