package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a requester may see of the change log (hazard 35): an administrator everything; whoever may
 * read the grants of a resource what concerns its record, its grants and its suspension. That is
 * decided by uid, so that a resource does not show the past of a deleted one of its name (hazard
 * 13).
 */
final class AuditSight {
  private static final int REMEMBERED_MAX = 4_096;

  private final Reading reading;
  private final Map<Uid, Boolean> seen = new HashMap<>();

  AuditSight(Reading reading) {
    this.reading = reading;
  }

  /**
   * Refuses who may see nothing of what a filter asks for.
   *
   * @throws dev.modelgate.model.RefusedException NOT_FOUND, NOT_PERMITTED
   */
  void require(AuditFilter filter) {
    Optional<ResourceName> resource = filter.resource();
    if (resource.isEmpty()) {
      reading.requireAdministrator();
    } else if (!reading.isAdministrator()) {
      reading.require(resource.get(), Operation.READ_GRANTS);
    }
  }

  /** Whether the requester may see a change of that. */
  boolean sees(AuditSubject subject) {
    if (reading.isAdministrator()) {
      return true;
    }
    boolean concerns =
        switch (subject.kind()) {
          case RESOURCE, GRANT, SUSPENSION -> subject.resource().isPresent();
          case ORGANIZATION,
              PROFILE,
              PRINCIPAL,
              MEMBERSHIP,
              TYPE_RIGHT,
              DENY_RULE,
              EXTERNAL_LINK,
              SWEEP,
              REFUSAL,
              LOGIN_FAILURE,
              CONFIGURATION,
              EMERGENCY,
              TRAIL ->
              false;
        };
    if (!concerns) {
      return false;
    }
    Boolean known = seen.get(subject.uid());
    if (known == null) {
      if (seen.size() >= REMEMBERED_MAX) {
        seen.clear();
      }
      known = mayRead(subject.resource().orElseThrow(), subject.uid());
      seen.put(subject.uid(), known);
    }
    return known;
  }

  private boolean mayRead(ResourceName resource, Uid uid) {
    return reading
            .rows()
            .resource(resource.relativePath())
            .filter(row -> row.uid().equals(uid))
            .isPresent()
        && reading.may(resource, Operation.READ_GRANTS);
  }
}
