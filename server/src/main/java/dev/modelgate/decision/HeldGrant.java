package dev.modelgate.decision;

import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Role;
import java.util.Optional;

/**
 * A grant that reaches the caller.
 *
 * @param level where it stands: the index into the kinds of the path
 * @param role what it gives; empty for a raw mask, or for a role that the profile no longer
 *     declares
 * @param mask the permissions of a raw mask; 0 with a role
 * @param canShare whether its holder may share on what it gives
 * @param canUseData whether it gives data permissions
 * @param notBeforeMicros from when it holds, inclusive
 * @param expiresAtMicros until when it holds, exclusive
 * @param condition a condition of the request under which it counts; empty for always
 * @param withheld permissions that it does not give for the way in which it reaches the caller
 */
public record HeldGrant(
    int level,
    Optional<Role> role,
    long mask,
    boolean canShare,
    boolean canUseData,
    long notBeforeMicros,
    long expiresAtMicros,
    String condition,
    long withheld) {

  /** The same without those permissions. */
  public HeldGrant without(long permissions) {
    return new HeldGrant(
        level,
        role,
        mask,
        canShare,
        canUseData,
        notBeforeMicros,
        expiresAtMicros,
        condition,
        withheld | permissions);
  }

  /** Whether it makes its holder an owner of the resource that it stands on. */
  public boolean isOwner() {
    return role.isPresent() && role.get().owner();
  }

  /** Whether it holds at that time. */
  public boolean isLiveAt(long nowMicros) {
    return notBeforeMicros <= nowMicros && nowMicros < expiresAtMicros;
  }

  /** What it gives on a resource of that kind while it holds. */
  public long maskOn(Kind kind) {
    long whole = whole(kind) & ~(canUseData || isOwner() ? 0 : kind.dataPermissions());
    return mayShareOn(kind) ? whole : whole & ~kind.sharePermissions();
  }

  /** Whether what it gives on a resource of that kind may be given on by its holder. */
  public boolean mayShareOn(Kind kind) {
    return canShare
        || isOwner() && kind.sharing().ownersShare()
        || !kind.sharing().honoursCanShare()
        || kind.sharing().sharesByPermission() && givesSharing(kind);
  }

  /** Whether what it gives itself is enough to share: that of another grant is not (hazard 29). */
  private boolean givesSharing(Kind kind) {
    long share = kind.right(Operation.SHARE);
    return share != 0 && (whole(kind) & share) == share;
  }

  private long whole(Kind kind) {
    long whole = role.isPresent() ? role.get().maskOn(kind) : mask & kind.permissions();
    return whole & ~withheld;
  }
}
