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
  SWEEP,
  /** Somebody who is known was refused. */
  REFUSAL,
  /** Somebody could not show who he is. */
  LOGIN_FAILURE,
  /** The sidecar runs with other settings, certificates or tokens. */
  CONFIGURATION,
  /** Access was cut off, restored or broken open. */
  EMERGENCY,
  /** The trail tells of itself. */
  TRAIL
}
