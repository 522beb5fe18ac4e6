package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one mutation is about. Rows that only follow from another row of the same change set are
 * about nothing.
 *
 * @param resource the one that is changed, or on which something is
 * @param uid of the resource; {@link Uid#NONE} without one
 * @param principals whom it names
 */
record AuditSubject(
    AuditKind kind, Optional<ResourceName> resource, Uid uid, List<String> principals) {

  /** The subject of a mutation; empty for one that only follows from another. */
  static Optional<AuditSubject> of(Names names, Mutation mutation) {
    byte[] value = mutation instanceof Mutation.Put put ? put.value() : new byte[0];
    boolean isPut = mutation instanceof Mutation.Put;
    ByteReader key = new ByteReader(mutation.key());
    return Optional.ofNullable(
        switch (mutation.table()) {
          case SETTINGS, ORGANIZATIONS -> plain(AuditKind.ORGANIZATION);
          case PROFILES -> plain(AuditKind.PROFILE);
          case PRINCIPALS -> isPut ? principal(PrincipalRow.decode(value)) : null;
          case PRINCIPAL_UIDS -> deleted(PrincipalUidRow.decode(value));
          case RESOURCES -> {
            if (!isPut) {
              yield null;
            }
            ResourceRow row = ResourceRow.decode(value);
            yield on(AuditKind.RESOURCE, names.fullName(row.path()), row.uid(), List.of());
          }
          case RESOURCE_UIDS -> {
            ResourceUidRow row = ResourceUidRow.decode(value);
            yield row.isDeleted()
                ? on(AuditKind.RESOURCE, names.fullName(row.path()), row.uid(), List.of())
                : null;
          }
          case GRANTS -> {
            Uid resource = new Uid(key.fixed64());
            yield on(names, AuditKind.GRANT, resource, List.of(new Uid(key.fixed64())));
          }
          case MEMBERS ->
              of(
                  AuditKind.MEMBERSHIP,
                  texts(names, List.of(new Uid(key.fixed64()), new Uid(key.fixed64()))));
          case SUSPENSIONS -> suspension(names, key);
          case TYPE_RIGHTS ->
              of(AuditKind.TYPE_RIGHT, texts(names, List.of(new Uid(key.fixed64()))));
          case DENY_RULES -> isPut ? rule(names, value) : plain(AuditKind.DENY_RULE);
          case LINKS -> {
            if (!isPut) {
              yield null;
            }
            LinkRow row = LinkRow.decode(value);
            yield on(names, AuditKind.EXTERNAL_LINK, row.resource(), List.of(row.uid()));
          }
          case ORPHANS, INACTIVE_GROUPS, NOTICES, GRANTS_BY_PRINCIPAL, GROUPS_OF, DELETED_NAMES ->
              null;
        });
  }

  /** The record of a link says nothing that the link does not. */
  private static @Nullable AuditSubject principal(PrincipalRow row) {
    return row.name().kind() == PrincipalKind.LINK
        ? null
        : of(AuditKind.PRINCIPAL, List.of(row.name().toString()));
  }

  private static @Nullable AuditSubject deleted(PrincipalUidRow row) {
    if (!row.isDeleted()) {
      return null;
    }
    boolean link = row.name().kind() == PrincipalKind.LINK;
    return of(link ? AuditKind.EXTERNAL_LINK : AuditKind.PRINCIPAL, List.of(row.name().toString()));
  }

  private static AuditSubject suspension(Names names, ByteReader key) {
    SuspensionRow.Target[] targets = SuspensionRow.Target.values();
    SuspensionRow.Target target = targets[key.varint(targets.length - 1)];
    Uid uid = new Uid(key.fixed64());
    return switch (target) {
      case PRINCIPAL -> of(AuditKind.SUSPENSION, texts(names, List.of(uid)));
      case RESOURCE -> on(names, AuditKind.SUSPENSION, uid, List.of());
      case ORGANIZATION -> plain(AuditKind.SUSPENSION);
    };
  }

  private static AuditSubject rule(Names names, byte[] value) {
    DenyRuleRow row = DenyRuleRow.decode(value);
    List<Uid> named = new ArrayList<>(row.principals());
    named.addAll(row.exceptions());
    return on(names, AuditKind.DENY_RULE, row.scope(), named);
  }

  private static AuditSubject plain(AuditKind kind) {
    return of(kind, List.of());
  }

  private static AuditSubject of(AuditKind kind, List<String> principals) {
    return new AuditSubject(kind, Optional.empty(), Uid.NONE, principals);
  }

  private static AuditSubject on(Names names, AuditKind kind, Uid uid, List<Uid> principals) {
    ResourceName resource = names.fullName(names.resource(uid).path());
    return on(kind, resource, uid, texts(names, principals));
  }

  private static AuditSubject on(
      AuditKind kind, ResourceName resource, Uid uid, List<String> principals) {
    return new AuditSubject(kind, Optional.of(resource), uid, principals);
  }

  private static List<String> texts(Names names, List<Uid> principals) {
    return principals.stream().map(names::principalText).toList();
  }
}
