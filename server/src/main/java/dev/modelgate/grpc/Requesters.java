package dev.modelgate.grpc;

import dev.modelgate.app.Standing;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For whom an authenticated caller acts: the bootstrap token for itself, as the system
 * administrator, or for the principal that the call names; a front end only for the principal that
 * the call names, in its organizations and by its roles (hazard 19); everybody else as the
 * principal that he is, in the organizations that his credential is bound to, or as a system
 * administrator.
 */
final class Requesters {
  static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  private Requesters() {}

  /**
   * The requester of a call.
   *
   * @param rules what the operator lets callers do
   * @param standing whether the caller's credential still holds
   * @throws dev.modelgate.model.RefusedException ON_BEHALF_OF_INVALID, NOT_PERMITTED
   */
  static Requester of(Caller caller, Metadata headers, CallerRules rules, Standing standing) {
    Optional<PrincipalName> actedFor = actedFor(headers);
    if (caller.isBootstrap()) {
      return actedFor
          .map(Requester::onBehalfOf)
          .orElse(Requester.SYSTEM_ADMINISTRATOR)
          .standing(standing);
    }
    Optional<CallerRule> rule = rules.of(caller);
    Optional<CallerRule.ActsFor> actsFor = rule.flatMap(CallerRule::actsFor);
    if (actsFor.isPresent()) {
      PrincipalName principal =
          actedFor.orElseThrow(() -> refused("", "exactly one value").asException());
      if (rules.isSystemAdministrator(principal)) {
        throw refused(principal.toString(), "no system administrator").asException();
      }
      return frontEnd(caller, principal, actsFor.get()).standing(standing);
    }
    if (actedFor.isPresent()) {
      throw notPermitted(caller, ON_BEHALF_OF.name()).asException();
    }
    if (rule.isPresent() && rule.get().systemAdministrator()) {
      return Requester.systemAdministrator(caller.credential(), caller.principal())
          .standing(standing);
    }
    PrincipalName principal =
        caller.principal().orElseThrow(() -> notPermitted(caller, "principal").asException());
    return Requester.self(caller.credential(), principal, organizations(caller, rule))
        .standing(standing);
  }

  /** Whoever may ask the data plane in some organizations alone has no business in others. */
  private static Optional<Set<String>> organizations(Caller caller, Optional<CallerRule> rule) {
    Optional<Set<String>> asked =
        rule.flatMap(CallerRule::asks).flatMap(CallerRule.Asks::organizations);
    if (asked.isEmpty() || caller.organizations().isEmpty()) {
      return asked.or(caller::organizations);
    }
    Set<String> both = new HashSet<>(asked.get());
    both.retainAll(caller.organizations().get());
    return Optional.of(both);
  }

  /** What is bound twice is bound to what both allow. */
  private static Requester frontEnd(
      Caller caller, PrincipalName principal, CallerRule.ActsFor actsFor) {
    Set<String> organizations = new HashSet<>(actsFor.organizations());
    caller.organizations().ifPresent(organizations::retainAll);
    return Requester.frontEnd(
        caller.credential(), caller.principal(), principal, organizations, actsFor.roles());
  }

  private static Optional<PrincipalName> actedFor(Metadata headers) {
    List<String> principals = values(headers);
    if (principals.isEmpty()) {
      return Optional.empty();
    }
    if (principals.size() > 1) {
      throw refused(principals.size() + " values", "exactly one value").asException();
    }
    try {
      PrincipalName name = PrincipalName.parse(principals.get(0));
      if (!name.kind().canCall()) {
        throw refused(principals.get(0), "an account").asException();
      }
      return Optional.of(name);
    } catch (InvalidNameException e) {
      throw refused(e.value(), "one canonical principal").asException();
    }
  }

  private static Refusal notPermitted(Caller caller, String permission) {
    String actor = caller.principal().map(Object::toString).orElse(caller.credential());
    return Refusal.notPermitted(
        "`" + actor + "` lacks `" + permission + "` on the admin plane", actor, permission, "", "");
  }

  private static Refusal refused(String value, String expected) {
    return Refusal.ofField(Fault.ON_BEHALF_OF_INVALID, ON_BEHALF_OF.name(), value, expected);
  }

  private static List<String> values(Metadata headers) {
    List<String> values = new ArrayList<>();
    @Nullable Iterable<String> all = headers.getAll(ON_BEHALF_OF);
    if (all != null) {
      all.forEach(values::add);
    }
    return values;
  }
}
