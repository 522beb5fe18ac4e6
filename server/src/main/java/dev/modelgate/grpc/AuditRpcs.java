package dev.modelgate.grpc;

import com.google.protobuf.Timestamp;
import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.query.AuditEntry;
import dev.modelgate.app.query.AuditFilter;
import dev.modelgate.app.query.AuditKind;
import dev.modelgate.app.query.AuditLog;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads and answers requests for the audit. */
final class AuditRpcs {
  private static final int ACTOR_BYTES_MAX = 512;

  private final AuditLog auditLog;

  AuditRpcs(AuditLog auditLog) {
    this.auditLog = auditLog;
  }

  ListAuditEventsResponse list(ListAuditEventsRequest request, Requester requester) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Optional<ResourceName> resource =
        request.getResource().isEmpty()
            ? Optional.empty()
            : Optional.of(Fields.resource("resource", request.getResource()));
    if (resource.filter(name -> !name.organizationId().equals(organization)).isPresent()) {
      throw Fields.invalid("resource", request.getResource(), "one of the organization");
    }
    Fields.atMost("actor", request.getActor().length(), ACTOR_BYTES_MAX);
    GrantRpcs.Period period =
        period(
            request.hasFromTime() ? Optional.of(request.getFromTime()) : Optional.empty(),
            request.hasUntilTime() ? Optional.of(request.getUntilTime()) : Optional.empty());
    AuditFilter filter =
        new AuditFilter(
            request.getActor(),
            Fields.optionalPrincipal("principal", request.getPrincipal()),
            resource,
            kinds(request.getKindsList()),
            period.notBeforeMicros(),
            period.expiresAtMicros(),
            request.getOldestFirst());
    Page<AuditEntry> page =
        auditLog.list(
            organization,
            filter,
            requester,
            PageRequest.of(request.getPageSize(), request.getPageToken()));
    return ListAuditEventsResponse.newBuilder()
        .addAllEvents(page.items().stream().map(AuditRpcs::event).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private static GrantRpcs.Period period(Optional<Timestamp> from, Optional<Timestamp> until) {
    long first = from.map(time -> Fields.micros("from_time", time)).orElse(0L);
    long end = until.map(time -> Fields.micros("until_time", time)).orElse(Micros.NEVER);
    if (end <= first) {
      throw Fields.invalid(
          "until_time", Micros.toInstant(end).toString(), "a time after from_time");
    }
    return new GrantRpcs.Period(first, end);
  }

  private static Set<AuditKind> kinds(List<AuditEvent.Kind> wanted) {
    Set<AuditKind> kinds = EnumSet.noneOf(AuditKind.class);
    for (int i = 0; i < wanted.size(); i++) {
      kinds.add(
          switch (Fields.required("kinds[" + i + "]", wanted.get(i))) {
            case KIND_ORGANIZATION -> AuditKind.ORGANIZATION;
            case KIND_PROFILE -> AuditKind.PROFILE;
            case KIND_PRINCIPAL -> AuditKind.PRINCIPAL;
            case KIND_MEMBERSHIP -> AuditKind.MEMBERSHIP;
            case KIND_RESOURCE -> AuditKind.RESOURCE;
            case KIND_GRANT -> AuditKind.GRANT;
            case KIND_TYPE_RIGHT -> AuditKind.TYPE_RIGHT;
            case KIND_DENY_RULE -> AuditKind.DENY_RULE;
            case KIND_EXTERNAL_LINK -> AuditKind.EXTERNAL_LINK;
            case KIND_SUSPENSION -> AuditKind.SUSPENSION;
            case KIND_SWEEP -> AuditKind.SWEEP;
            case KIND_REFUSAL -> AuditKind.REFUSAL;
            case KIND_LOGIN_FAILURE -> AuditKind.LOGIN_FAILURE;
            case KIND_CONFIGURATION -> AuditKind.CONFIGURATION;
            case KIND_EMERGENCY -> AuditKind.EMERGENCY;
            case KIND_TRAIL -> AuditKind.TRAIL;
            case KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalStateException("a required kind is unspecified");
          });
    }
    return kinds;
  }

  private static AuditEvent event(AuditEntry entry) {
    AuditEvent.Builder event = AuditEvent.newBuilder();
    entry.trail().ifPresent(trail -> event.setTrail(trail(trail)));
    return event
        .setEvent(ChangeMessages.event(entry.event()))
        .setChangeCount(entry.changeCount())
        .addAllKinds(entry.kinds().stream().sorted().map(AuditRpcs::kind).toList())
        .addAllResources(entry.resources())
        .addAllPrincipals(entry.principals())
        .build();
  }

  private static dev.modelgate.v1.TrailEntry trail(TrailEntry entry) {
    TrailEvent event = entry.event();
    return dev.modelgate.v1.TrailEntry.newBuilder()
        .setSequence(entry.sequence())
        .setHash(entry.hash())
        .setPreviousHash(entry.previousHash())
        .setWhat(event.what())
        .setPeer(event.peer())
        .setMethod(event.method())
        .setOrganization(
            event.organization().isEmpty() ? "" : "organizations/" + event.organization())
        .putAllBefore(event.before())
        .putAllAfter(event.after())
        .setDropped(entry.dropped())
        .setDroppedOfCaller(entry.droppedOfCaller())
        .setLine(entry.line())
        .build();
  }

  private static AuditEvent.Kind kind(AuditKind kind) {
    return switch (kind) {
      case ORGANIZATION -> AuditEvent.Kind.KIND_ORGANIZATION;
      case PROFILE -> AuditEvent.Kind.KIND_PROFILE;
      case PRINCIPAL -> AuditEvent.Kind.KIND_PRINCIPAL;
      case MEMBERSHIP -> AuditEvent.Kind.KIND_MEMBERSHIP;
      case RESOURCE -> AuditEvent.Kind.KIND_RESOURCE;
      case GRANT -> AuditEvent.Kind.KIND_GRANT;
      case TYPE_RIGHT -> AuditEvent.Kind.KIND_TYPE_RIGHT;
      case DENY_RULE -> AuditEvent.Kind.KIND_DENY_RULE;
      case EXTERNAL_LINK -> AuditEvent.Kind.KIND_EXTERNAL_LINK;
      case SUSPENSION -> AuditEvent.Kind.KIND_SUSPENSION;
      case SWEEP -> AuditEvent.Kind.KIND_SWEEP;
      case REFUSAL -> AuditEvent.Kind.KIND_REFUSAL;
      case LOGIN_FAILURE -> AuditEvent.Kind.KIND_LOGIN_FAILURE;
      case CONFIGURATION -> AuditEvent.Kind.KIND_CONFIGURATION;
      case EMERGENCY -> AuditEvent.Kind.KIND_EMERGENCY;
      case TRAIL -> AuditEvent.Kind.KIND_TRAIL;
    };
  }
}
