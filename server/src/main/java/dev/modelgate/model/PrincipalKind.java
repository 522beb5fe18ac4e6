package dev.modelgate.model;

import java.util.Optional;

/** The kinds of principals, with the prefix that each has on the wire. */
public enum PrincipalKind {
  USER("user", true, true),
  SERVICE_ACCOUNT("serviceAccount", true, true),
  APP("app", true, true),
  GROUP("group", true, false),
  ORGANIZATION("organization", true, false),
  DOMAIN("domain", true, false),
  LINK("link", true, true),
  ALL_AUTHENTICATED_USERS("allAuthenticatedUsers", false, false),
  ALL_USERS("allUsers", false, false),
  ANONYMOUS("anonymous", false, true);

  private static final PrincipalKind[] KINDS = values();

  private final String prefix;
  private final boolean hasId;
  private final boolean canCall;

  PrincipalKind(String prefix, boolean hasId, boolean canCall) {
    this.prefix = prefix;
    this.hasId = hasId;
    this.canCall = canCall;
  }

  /** The word before the colon, or the whole name of a kind without ids. */
  public String prefix() {
    return prefix;
  }

  /** Whether names of this kind carry an id after a colon. */
  public boolean hasId() {
    return hasId;
  }

  /**
   * Whether a principal of this kind can be the caller of a check: accounts can, sets of accounts
   * cannot.
   */
  public boolean canCall() {
    return canCall;
  }

  /** Whether grants to this kind reach principals other than the one named. */
  public boolean isSet() {
    return !canCall;
  }

  /**
   * Whether an account of this kind may become a record with its first grant in an open directory.
   * Groups and service accounts must exist before, or whoever creates them later would take the
   * grant (hazard 14).
   */
  public boolean mayBeUnknown() {
    return this == USER || this == APP || this == DOMAIN;
  }

  static Optional<PrincipalKind> ofPrefix(String prefix) {
    for (PrincipalKind kind : KINDS) {
      if (kind.prefix.equals(prefix)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
