package dev.modelgate.model;

/**
 * The published reasons of an error, by the same names as {@code modelgate.v1.ErrorReason}; each
 * comes with exactly one {@link Category}.
 */
public enum Fault {
  INVALID_FIELD(Category.INVALID),
  UNKNOWN_ACTION(Category.INVALID),
  UNKNOWN_ROLE(Category.INVALID),
  UNKNOWN_PERMISSION(Category.INVALID),
  UNKNOWN_KIND(Category.INVALID),
  UNKNOWN_PROFILE(Category.INVALID),
  UNKNOWN_PRINCIPAL(Category.INVALID),
  KIND_NOT_ALLOWED(Category.INVALID),
  MEMBERSHIP_CYCLE(Category.INVALID),
  MEMBERSHIP_DEPTH(Category.INVALID),
  LIMIT_EXCEEDED(Category.INVALID),
  PAGE_TOKEN_INVALID(Category.INVALID),
  REQUEST_ID_REUSED(Category.INVALID),
  REVISION_INVALID(Category.INVALID),
  ON_BEHALF_OF_INVALID(Category.INVALID),
  SCHEMA_UNSUPPORTED(Category.INVALID),
  PROFILE_INVALID(Category.INVALID),
  REQUEST_EXPIRED(Category.PRECONDITION),
  REVISION_OTHER_LINEAGE(Category.PRECONDITION),
  LAST_OWNER(Category.PRECONDITION),
  LAST_SHARER(Category.PRECONDITION),
  RECIPIENT_INACTIVE(Category.PRECONDITION),
  RECIPIENT_REPEATED(Category.PRECONDITION),
  RECIPIENT_IS_OWNER(Category.PRECONDITION),
  SINGLE_OWNER(Category.PRECONDITION),
  CREATOR_STAYS(Category.PRECONDITION),
  NOT_RESTORABLE(Category.PRECONDITION),
  KIND_NOT_SHAREABLE(Category.PRECONDITION),
  KIND_WITHOUT_LINKS(Category.PRECONDITION),
  NOTHING_TO_REMOVE(Category.PRECONDITION),
  CHILDREN_EXIST(Category.PRECONDITION),
  ORGANIZATION_RESTRICTED(Category.PRECONDITION),
  PROFILE_IN_USE(Category.PRECONDITION),
  LAST_ADMINISTRATOR(Category.PRECONDITION),
  ALREADY_GRANTED(Category.PRECONDITION),
  NOT_PERMITTED(Category.DENIED),
  CAP_EXCEEDED(Category.DENIED),
  NO_SHARE_RIGHT(Category.DENIED),
  ABOVE_YOU(Category.DENIED),
  NOT_FOUND(Category.MISSING),
  ALREADY_EXISTS(Category.EXISTS),
  ETAG_MISMATCH(Category.ABORTED),
  CONFLICT(Category.ABORTED),
  UNAUTHENTICATED(Category.UNAUTHENTICATED),
  OVERLOADED(Category.EXHAUSTED),
  REVISION_FUTURE(Category.UNAVAILABLE),
  STORE_UNAVAILABLE(Category.UNAVAILABLE),
  OUTCOME_UNKNOWN(Category.OUTCOME_UNKNOWN),
  STORE_DAMAGED(Category.DAMAGED),
  CANCELLED(Category.CANCELLED),
  METHOD_UNKNOWN(Category.UNIMPLEMENTED),
  INTERNAL(Category.INTERNAL);

  /** The status that a fault comes with; the error mapper knows the gRPC code of each. */
  public enum Category {
    INVALID,
    PRECONDITION,
    DENIED,
    MISSING,
    EXISTS,
    ABORTED,
    UNAUTHENTICATED,
    EXHAUSTED,
    UNAVAILABLE,
    OUTCOME_UNKNOWN,
    DAMAGED,
    CANCELLED,
    UNIMPLEMENTED,
    INTERNAL
  }

  private final Category category;

  Fault(Category category) {
    this.category = category;
  }

  /** The category that fixes the status code. */
  public Category category() {
    return category;
  }
}
