package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Micros;
import dev.modelgate.store.UndecodableException;

/**
 * One grant of a (resource, principal) pair. Several per pair are legal; their union counts, so
 * order is irrelevant.
 *
 * <pre>
 *   varint flags: 1 raw mask, 2 can_share, 4 can_use_data, 8 not_before, 16 expires_at, 32 note, 64 + 128 origin,
 *                256 condition
 *   varint role number or mask
 *   varint not_before, varint expires_at          when flagged
 *   varint granted_by uid, varint granted_at
 *   text   note, text condition                   when flagged
 * </pre>
 *
 * @param role the role's number in the vocabulary; {@link #RAW} for a raw mask
 * @param mask the permissions of a raw mask; 0 with a role
 * @param canShare whether its holder may share on what it gives
 * @param canUseData whether it gives the kind's data permissions
 * @param notBeforeMicros from when it holds, inclusive; 0 for always
 * @param expiresAtMicros until when it holds, exclusive; {@link Micros#NEVER} for ever
 * @param origin how it came about
 * @param grantedBy the principal that gave it; {@link Uid#NONE} for the system administrator
 * @param grantedAtMicros when
 * @param note in the giver's words; at most 1,024 bytes
 * @param condition a CEL expression, at most 1,024 bytes; empty for always
 */
public record Grant(
    int role,
    long mask,
    boolean canShare,
    boolean canUseData,
    long notBeforeMicros,
    long expiresAtMicros,
    Origin origin,
    Uid grantedBy,
    long grantedAtMicros,
    String note,
    String condition) {

  /** How a grant came about. Stored by ordinal; append only, at most four. */
  public enum Origin {
    DIRECT,
    CREATOR,
    COMPANION,
    BREAK_GLASS
  }

  /** The role number of a grant that gives a raw mask. */
  public static final int RAW = -1;

  private static final Origin[] ORIGINS = Origin.values();
  private static final int FLAG_RAW = 1;
  private static final int FLAG_SHARE = 2;
  private static final int FLAG_DATA = 4;
  private static final int FLAG_NOT_BEFORE = 8;
  private static final int FLAG_EXPIRES = 16;
  private static final int FLAG_NOTE = 32;
  private static final int ORIGIN_SHIFT = 6;
  private static final int ORIGIN_MASK = 3;
  private static final int FLAG_CONDITION = 256;
  private static final int FLAGS_MAX = 511;

  /** Refuses a role and a mask at once, and a period without a moment in it. */
  public Grant {
    if (role < RAW
        || role != RAW && mask != 0
        || notBeforeMicros < 0
        || notBeforeMicros >= expiresAtMicros) {
      throw new IllegalArgumentException(
          "grant: role " + role + ", mask " + mask + ", or its period is out of range");
    }
  }

  /** Whether it holds at that time. */
  public boolean isLiveAt(long nowMicros) {
    return notBeforeMicros <= nowMicros && nowMicros < expiresAtMicros;
  }

  /** Whether it holds for ever, from the beginning. */
  public boolean isUntimed() {
    return notBeforeMicros == 0 && expiresAtMicros == Micros.NEVER;
  }

  /** Whether it gives the same thing under the same key: the role or mask, and the condition. */
  public boolean sameTarget(Grant other) {
    return gives(other) && condition.equals(other.condition);
  }

  /** Whether it gives the same role or mask, under whatever condition. */
  public boolean gives(Grant other) {
    return role == other.role && mask == other.mask;
  }

  /** Whether it holds for ever and whatever the context of a request. */
  public boolean isUnconditional() {
    return isUntimed() && condition.isEmpty();
  }

  /** The same come about otherwise. */
  public Grant withOrigin(Origin other) {
    return new Grant(
        role,
        mask,
        canShare,
        canUseData,
        notBeforeMicros,
        expiresAtMicros,
        other,
        grantedBy,
        grantedAtMicros,
        note,
        condition);
  }

  void encode(ByteWriter out) {
    int flags =
        (role == RAW ? FLAG_RAW : 0)
            | (canShare ? FLAG_SHARE : 0)
            | (canUseData ? FLAG_DATA : 0)
            | (notBeforeMicros != 0 ? FLAG_NOT_BEFORE : 0)
            | (expiresAtMicros != Micros.NEVER ? FLAG_EXPIRES : 0)
            | (note.isEmpty() ? 0 : FLAG_NOTE)
            | origin.ordinal() << ORIGIN_SHIFT
            | (condition.isEmpty() ? 0 : FLAG_CONDITION);
    out.varint(flags).varint(role == RAW ? mask : role);
    if (notBeforeMicros != 0) {
      out.varint(notBeforeMicros);
    }
    if (expiresAtMicros != Micros.NEVER) {
      out.varint(expiresAtMicros);
    }
    out.varint(grantedBy.value()).varint(grantedAtMicros);
    if (!note.isEmpty()) {
      out.text(note);
    }
    if (!condition.isEmpty()) {
      out.text(condition);
    }
  }

  static Grant decode(ByteReader in) {
    int flags = in.varint(FLAGS_MAX);
    boolean raw = (flags & FLAG_RAW) != 0;
    int origin = flags >> ORIGIN_SHIFT & ORIGIN_MASK;
    if (origin >= ORIGINS.length) {
      throw new UndecodableException("unknown origin of a grant");
    }
    int role = raw ? RAW : in.varint(Integer.MAX_VALUE);
    long mask = raw ? in.varint() : 0;
    return new Grant(
        role,
        mask,
        (flags & FLAG_SHARE) != 0,
        (flags & FLAG_DATA) != 0,
        (flags & FLAG_NOT_BEFORE) != 0 ? in.varint() : 0,
        (flags & FLAG_EXPIRES) != 0 ? in.varint() : Micros.NEVER,
        ORIGINS[origin],
        Layout.uid(in.varint()),
        in.varint(),
        (flags & FLAG_NOTE) != 0 ? in.text() : "",
        (flags & FLAG_CONDITION) != 0 ? in.text() : "");
  }
}
