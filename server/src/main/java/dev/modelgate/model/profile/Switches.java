package dev.modelgate.model.profile;

/**
 * The places in which sharing systems differ, each with the choices that the code knows (table
 * "Profile switches" of the model).
 *
 * @param owners how many owners a resource keeps
 * @param creator whether others can remove who created a resource
 * @param cap how far somebody may share
 * @param aboveYou whether one may lower or remove somebody whose rights are no subset of one's own
 * @param ownerRecipient what a grant to an owner does
 * @param isolation whether grants may reach people outside the organization
 * @param directory what an account without a record is
 * @param unseen how the admin RPC answers about what the actor may not see
 * @param administers the permission on the organization that makes an administrator of it
 */
public record Switches(
    Owners owners,
    Creator creator,
    Cap cap,
    AboveYou aboveYou,
    OwnerRecipient ownerRecipient,
    Isolation isolation,
    Directory directory,
    Unseen unseen,
    String administers) {

  /** How many owners a resource keeps. */
  public enum Owners {
    ANY,
    AT_LEAST_ONE,
    /** Exactly one, who changes only by TransferOwnership. */
    SINGLE
  }

  /** Whether others can remove who created a resource. */
  public enum Creator {
    REMOVABLE,
    /** The creator stays an owner until he leaves by himself. */
    LEAVES_BY_HIMSELF
  }

  /** How far somebody may share. */
  public enum Cap {
    /** What he gives is part of what he may share. */
    SUBSET,
    /** A role of at most the rank of his own that he may share. */
    RANK,
    /** The right to change grants is enough. */
    NONE
  }

  /** Whether one may lower or remove somebody whose rights are no subset of one's own. */
  public enum AboveYou {
    REFUSED,
    ALLOWED
  }

  /** What a grant to a principal that is an owner already does. */
  public enum OwnerRecipient {
    NO_OP,
    ERROR
  }

  /** Whether grants may reach people outside the organization. */
  public enum Isolation {
    CLOSED,
    OPEN
  }

  /** What an account without a record is. */
  public enum Directory {
    /** Active, in no group; becomes a record with its first grant. */
    OPEN,
    /** Unknown: denied as a caller, refused as a recipient. */
    STRICT
  }

  /** How the admin RPC answers about a resource that the actor may not see. */
  public enum Unseen {
    NOT_FOUND,
    PERMISSION_DENIED
  }
}
