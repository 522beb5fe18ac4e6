package dev.modelgate.decision;

/**
 * What one caller may do on one resource: every action at once, for a period. The value that is
 * cached.
 *
 * @param blanket the reason for which every action is denied; empty when none is
 * @param allowed the permissions that the caller has; 0 with a blanket reason
 * @param anyGrant whether anything at all is granted, which tells ACCESS from NO_GRANT
 * @param fromMicros from when this holds, inclusive: the latest boundary behind
 * @param untilMicros until when this holds, exclusive: the nearest boundary ahead over all grants
 *     examined, live or pending (hazard 6)
 */
public record Access(
    String blanket, long allowed, boolean anyGrant, long fromMicros, long untilMicros) {
  private static final long ALWAYS = Long.MIN_VALUE;
  private static final long NEVER = Long.MAX_VALUE;

  /** Refuses an access that allows in spite of a blanket reason. */
  public Access {
    if (!blanket.isEmpty() && allowed != 0) {
      throw new IllegalStateException("an access denied for " + blanket + " allows " + allowed);
    }
  }

  /** Every action is denied for that reason, until something changes. */
  public static Access denied(String reason) {
    return new Access(reason, 0, false, ALWAYS, NEVER);
  }

  /**
   * Why an action that needs these permissions, all of them, is denied; {@link Reason#NONE} when it
   * is allowed.
   *
   * @param needed at least one permission
   */
  public String reasonAgainst(long needed) {
    if (!blanket.isEmpty()) {
      return blanket;
    }
    if (needed != 0 && (allowed & needed) == needed) {
      return Reason.NONE;
    }
    return anyGrant ? Reason.ACCESS : Reason.NO_GRANT;
  }

  /** Whether this still holds, or holds again, at that time. */
  public boolean holdsAt(long nowMicros) {
    return fromMicros <= nowMicros && nowMicros < untilMicros;
  }
}
