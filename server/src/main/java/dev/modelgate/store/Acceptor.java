package dev.modelgate.store;

import java.time.Instant;

/**
 * The rule by which every node decides alike which change sets take effect. Pure and frozen; it
 * looks at version and digest and at nothing else that a replica might hold (hazard 42).
 */
public final class Acceptor {
  private Acceptor() {}

  /** Whether a change set follows that head. */
  public static Acceptance decide(OrgHead head, ChangeSet changeSet) {
    if (!head.org().equals(changeSet.org())) {
      throw new IllegalStateException(
          "head of " + head.org() + " asked about a change set of " + changeSet.org());
    }
    if (changeSet.baseVersion() < head.version()) {
      return Acceptance.STALE;
    }
    if (changeSet.baseVersion() > head.version()) {
      return Acceptance.GAP;
    }
    return changeSet.baseDigest().equals(head.digest()) ? Acceptance.ACCEPTED : Acceptance.DIVERGED;
  }

  /** The head behind an accepted change set with those stored bytes. */
  public static OrgHead advance(OrgHead head, ChangeSet changeSet, byte[] storedBytes) {
    Instant at = changeSet.at().isBefore(head.at()) ? head.at() : changeSet.at();
    return new OrgHead(head.org(), head.version() + 1, head.digest().advance(storedBytes), at);
  }
}
