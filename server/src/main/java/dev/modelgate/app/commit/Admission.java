package dev.modelgate.app.commit;

import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rights;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import java.util.List;
import java.util.Map;

/**
 * What is asked of every command beside its rules, in the same words when it is committed and when
 * it is only tried.
 */
final class Admission {
  private Admission() {}

  /**
   * The organization that a command is for.
   *
   * @throws dev.modelgate.model.RefusedException NOT_FOUND, ORGANIZATION_RESTRICTED; NOT_PERMITTED
   *     while the organization is suspended, and for a credential of other organizations
   */
  static OrgState open(Published seen, String organizationId, Order order) {
    OrgState org =
        seen.organization(organizationId)
            .orElseThrow(() -> SystemRules.notFound(organizationId).asException());
    if (org.isRestricted()) {
      throw restricted(organizationId).asException();
    }
    if (!order.requester().isOf(organizationId)) {
      throw Rights.foreign(organizationId, order.requester()).asException();
    }
    if (!order.requester().isExempt() && seen.isOrganizationSuspended(org.uid())) {
      throw Rights.suspended("organization", organizationId, order.requester()).asException();
    }
    return org;
  }

  /**
   * Who was authenticated when the call came may have waited since: his credential is looked at
   * again where the change is made (hazard 34).
   *
   * @throws dev.modelgate.model.RefusedException UNAUTHENTICATED
   */
  static void requireStanding(Requester requester) {
    if (!requester.standing().holds()) {
      throw Unauthenticated.EXPIRED.asException();
    }
  }

  /** What a command comes to, behind a head. */
  static ChangeSet changeSet(
      OrgState org, OrgHead head, Order order, List<Mutation> mutations, long atMicros) {
    return new ChangeSet(
        org.uid(),
        head.version(),
        head.digest(),
        actor(order.requester()),
        order.requestId(),
        order.requestId().isPresent() ? order.commandDigest() : new byte[0],
        Micros.toInstant(atMicros),
        order.reason(),
        mutations);
  }

  /**
   * Refuses a change set that is too long for the log.
   *
   * @throws dev.modelgate.model.RefusedException LIMIT_EXCEEDED
   */
  static void requireFits(LogRecord record) {
    if (record.stored().length > ChangeSet.ENCODED_BYTES_MAX) {
      throw Refusal.ofSize("change", record.stored().length, ChangeSet.ENCODED_BYTES_MAX)
          .asException();
    }
  }

  static Actor actor(Requester requester) {
    return new Actor(
        requester.credential(), requester.onBehalfOf().map(Object::toString).orElse(""));
  }

  static Refusal restricted(String organizationId) {
    return new Refusal(
        Fault.ORGANIZATION_RESTRICTED,
        "organization `" + organizationId + "` cannot be read safely and takes no changes",
        "",
        Map.of("organization", "organizations/" + organizationId));
  }
}
