package dev.modelgate.grpc;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import java.util.Optional;

/**
 * Members of policies as Google writes them: a principal's name, and {@code deleted:user:x?uid=N}
 * for a deleted one, with N in decimal.
 */
final class Members {
  private static final String DELETED = "deleted:";
  private static final String UID = "?uid=";

  private Members() {}

  /**
   * Somebody in a policy.
   *
   * @param deleted the identity of a deleted principal; empty for a living one
   */
  record Member(PrincipalName name, Optional<Uid> deleted) {}

  /**
   * Reads one.
   *
   * @param field its place, for a refusal
   * @throws dev.modelgate.model.RefusedException INVALID_FIELD
   */
  static Member parse(String field, String member) {
    if (!member.startsWith(DELETED)) {
      return new Member(Fields.principal(field, member), Optional.empty());
    }
    int at = member.lastIndexOf(UID);
    Uid uid = uid(field, member, at);
    return new Member(
        Fields.principal(field, member.substring(DELETED.length(), at)), Optional.of(uid));
  }

  /** Writes one. */
  static String text(String name, Optional<Uid> deleted) {
    return deleted.map(uid -> DELETED + name + UID + uid.value()).orElse(name);
  }

  private static Uid uid(String field, String member, int at) {
    try {
      if (at > 0) {
        return new Uid(Long.parseLong(member.substring(at + UID.length())));
      }
    } catch (IllegalArgumentException e) {
      // Said below in our words.
    }
    throw Fields.invalid(field, member, "`deleted:{kind}:{id}?uid={number}`");
  }
}
