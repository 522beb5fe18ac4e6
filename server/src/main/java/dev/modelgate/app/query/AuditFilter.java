package dev.modelgate.app.query;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which changes are listed; what is present holds together.
 *
 * @param actor who was authenticated or acted for, as events show it; empty for all
 * @param principal only changes that name this one
 * @param resource only changes of this one or below, deleted ones of the name included
 * @param kinds only changes of these; empty for all
 * @param fromMicros from when, inclusive
 * @param untilMicros until when, exclusive
 * @param oldestFirst whether the oldest come first
 */
public record AuditFilter(
    String actor,
    Optional<PrincipalName> principal,
    Optional<ResourceName> resource,
    Set<AuditKind> kinds,
    long fromMicros,
    long untilMicros,
    boolean oldestFirst) {
  /** Copies the set. */
  public AuditFilter {
    kinds = Set.copyOf(kinds);
  }

  /** Whether every change set is listed, with or without changes that have names. */
  boolean admitsAll() {
    return principal.isEmpty() && resource.isEmpty() && kinds.isEmpty();
  }

  /** Whether a change of that is listed. */
  boolean admits(AuditSubject subject) {
    return (kinds.isEmpty() || kinds.contains(subject.kind()))
        && principal.filter(name -> !subject.principals().contains(name.toString())).isEmpty()
        && resource
            .filter(name -> subject.resource().filter(of -> isWithin(of, name)).isEmpty())
            .isEmpty();
  }

  /** Whether that event of the trail is listed, its time apart. */
  boolean admits(TrailEvent event) {
    return (kinds.isEmpty() || kinds.contains(AuditTrailLane.kind(event.kind())))
        && (actor.isEmpty()
            || actor.equals(event.credential())
            || actor.equals(event.onBehalfOf())
            || actor.equals(AuditTrailLane.actor(event)))
        && principal.filter(name -> !event.principals().contains(name.toString())).isEmpty()
        && resource
            .filter(
                name ->
                    !event.resource().equals(name.text())
                        && !event.resource().startsWith(name.text() + "/"))
            .isEmpty();
  }

  /** Everything that a page token is bound to. */
  List<String> parameters() {
    return List.of(
        actor,
        principal.map(PrincipalName::toString).orElse(""),
        resource.map(ResourceName::text).orElse(""),
        String.join(",", kinds.stream().map(AuditKind::name).sorted().toList()),
        Long.toString(fromMicros),
        Long.toString(untilMicros),
        String.valueOf(oldestFirst));
  }

  private static boolean isWithin(ResourceName resource, ResourceName top) {
    return resource.equals(top) || resource.text().startsWith(top.text() + "/");
  }
}
