package dev.modelgate.app.query;

/** What a change is about. */
public enum AuditKind {
  ORGANIZATION,
  PROFILE,
  PRINCIPAL,
  MEMBERSHIP,
  RESOURCE,
  GRANT,
  TYPE_RIGHT,
  DENY_RULE,
  EXTERNAL_LINK,
  SUSPENSION,
  /** Modelgate removed what a deleted object left behind. */
  SWEEP
}
