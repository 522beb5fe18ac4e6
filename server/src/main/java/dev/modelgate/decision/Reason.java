package dev.modelgate.decision;

/**
 * The built-in reasons of a denial, in the order in which the decision looks for them. They are
 * texts on the wire, for profiles will add their own.
 */
public final class Reason {
  /** An allow has no reason. */
  public static final String NONE = "";

  /** The organization cannot be read safely; nobody is allowed anything (hazard 12). */
  public static final String RESTRICTED = "RESTRICTED";

  /** The caller, a group of it, the organization, the resource or an ancestor is suspended. */
  public static final String SUSPENDED = "SUSPENDED";

  /** The resource, or an ancestor of it, has no record and needs one. */
  public static final String UNKNOWN_RESOURCE = "UNKNOWN_RESOURCE";

  /** The directory is strict and has no such principal. */
  public static final String PRINCIPAL_UNKNOWN = "PRINCIPAL_UNKNOWN";

  /** The principal is disabled. */
  public static final String PRINCIPAL_INACTIVE = "PRINCIPAL_INACTIVE";

  /** The caller's verified identity is that of another organization. */
  public static final String OTHER_ORGANIZATION = "OTHER_ORGANIZATION";

  /** A deny rule names the caller. */
  public static final String DENY_RULE = "DENY_RULE";

  /** The caller lacks a privilege without which nothing of the kind works. */
  public static final String PRIVILEGE = "PRIVILEGE";

  /** The caller's ceiling for the kind is below this. */
  public static final String CEILING = "CEILING";

  /** Nothing is granted to the caller here. */
  public static final String NO_GRANT = "NO_GRANT";

  /** Something is granted, but not this action. */
  public static final String ACCESS = "ACCESS";

  private Reason() {}
}
