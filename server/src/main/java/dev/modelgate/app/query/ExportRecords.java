package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks over everything in an organization in an order that follows from names alone, so that the
 * export of an import is the same text: settings; principals by name; deleted ones by name;
 * memberships by member and group; resources by path; grants by path and principal; links by id;
 * type rights by principal, the organization first, and kind; deny rules by id; suspensions by
 * name.
 *
 * <p>Holds at most a batch, and what belongs to one member or one resource, which the directory
 * bounds.
 */
final class ExportRecords {
  /** The most records of one batch. */
  static final int BATCH_MAX = 500;

  private static final byte[] EMPTY = {};

  private enum Phase {
    SETTINGS(Table.SETTINGS),
    PRINCIPALS(Table.PRINCIPALS),
    DELETED(Table.DELETED_NAMES),
    MEMBERSHIPS(Table.PRINCIPALS),
    RESOURCES(Table.RESOURCES),
    GRANTS(Table.RESOURCES),
    LINKS(Table.PRINCIPALS),
    TYPE_RIGHTS(Table.PRINCIPALS),
    DENY_RULES(Table.DENY_RULES),
    SUSPENDED_PRINCIPALS(Table.PRINCIPALS),
    SUSPENDED_RESOURCES(Table.RESOURCES);

    private final Table table;

    Phase(Table table) {
      this.table = table;
    }
  }

  private final Reading reading;
  private final long nowMicros;
  private final Deque<ExportRecord> ready = new ArrayDeque<>();
  private int phase;
  private byte[] from = EMPTY;

  ExportRecords(Reading reading, long nowMicros) {
    this.reading = reading;
    this.nowMicros = nowMicros;
  }

  /** The next records; empty at the end. */
  List<ExportRecord> next() {
    while (ready.size() < BATCH_MAX && phase < Phase.values().length) {
      advance(Phase.values()[phase]);
    }
    List<ExportRecord> batch = new ArrayList<>();
    while (batch.size() < BATCH_MAX && !ready.isEmpty()) {
      batch.add(ready.remove());
    }
    return batch;
  }

  /** Reads on in a phase until a batch is ready or the phase is over. */
  private void advance(Phase current) {
    if (current == Phase.TYPE_RIGHTS && from.length == 0) {
      addTypeRights(Uid.ORGANIZATION);
    }
    try (RowCursor rows = reading.rows().view().scan(current.table, EMPTY, from)) {
      while (rows.next()) {
        add(current, rows.key(), rows.value());
        if (ready.size() >= BATCH_MAX) {
          from = Arrays.copyOf(rows.key(), rows.key().length + 1);
          return;
        }
      }
    }
    phase++;
    from = EMPTY;
  }

  private void add(Phase current, byte[] key, byte[] value) {
    switch (current) {
      case SETTINGS -> {
        Map<String, Boolean> features = SettingsRow.decode(value).features();
        if (!features.isEmpty()) {
          ready.add(new ExportRecord.Settings(features));
        }
      }
      case PRINCIPALS -> addPrincipal(PrincipalRow.decode(value));
      case DELETED -> addDeleted(PrincipalName.parse(new String(key, StandardCharsets.UTF_8)));
      case MEMBERSHIPS -> addMemberships(PrincipalRow.decode(value));
      case RESOURCES ->
          ready.add(new ExportRecord.Resource(reading.views().resource(ResourceRow.decode(value))));
      case GRANTS -> addGrants(ResourceRow.decode(value));
      case LINKS -> addLink(PrincipalRow.decode(value));
      case TYPE_RIGHTS -> addTypeRights(PrincipalRow.decode(value).uid());
      case DENY_RULES -> addDenyRule(DenyRuleRow.decode(value));
      case SUSPENDED_PRINCIPALS -> {
        PrincipalRow row = PrincipalRow.decode(value);
        addSuspension(
            SuspensionRow.Target.PRINCIPAL,
            row.uid(),
            new SuspensionTarget.Principal(reading.org().id(), row.name()));
      }
      case SUSPENDED_RESOURCES -> {
        ResourceRow row = ResourceRow.decode(value);
        addSuspension(
            SuspensionRow.Target.RESOURCE,
            row.uid(),
            new SuspensionTarget.Resource(reading.names().fullName(row.path())));
      }
    }
  }

  /** A domain is made by its grants, and a link has a record of its own. */
  private void addPrincipal(PrincipalRow row) {
    PrincipalKind kind = row.name().kind();
    if (kind != PrincipalKind.DOMAIN && kind != PrincipalKind.LINK) {
      ready.add(new ExportRecord.Principal(reading.views().principal(row)));
    }
  }

  /** Who could ask, so that no open directory takes him for somebody new after an import. */
  private void addDeleted(PrincipalName name) {
    if (name.kind().canCall()
        && name.kind() != PrincipalKind.LINK
        && reading.rows().principal(name).isEmpty()) {
      ready.add(new ExportRecord.DeletedPrincipal(name));
    }
  }

  private void addLink(PrincipalRow principal) {
    reading
        .rows()
        .link(principal.uid())
        .ifPresent(
            link ->
                linkGrant(link)
                    .map(grant -> reading.views().link(link, Optional.of(grant)))
                    .ifPresent(view -> ready.add(new ExportRecord.Link(view, link.secretHash()))));
  }

  /** The grant of a link that leads somewhere still; empty for one that is not exported. */
  private Optional<Grant> linkGrant(LinkRow link) {
    if (reading.names().resource(link.resource()).isDeleted()) {
      return Optional.empty();
    }
    return reading
        .rows()
        .grants(link.resource(), link.uid())
        .flatMap(row -> row.grants().stream().findFirst())
        .filter(grant -> grant.expiresAtMicros() > nowMicros);
  }

  private void addMemberships(PrincipalRow member) {
    List<PrincipalName> groups = new ArrayList<>();
    reading
        .rows()
        .eachGroupOf(
            member.uid(),
            group -> {
              var named = reading.names().principal(group);
              if (!named.isDeleted()) {
                groups.add(named.name());
              }
              return true;
            });
    groups.sort(Comparator.comparing(PrincipalName::toString));
    groups.forEach(group -> ready.add(new ExportRecord.Membership(group, member.name())));
  }

  private void addGrants(ResourceRow resource) {
    List<GrantView> grants = new ArrayList<>();
    reading
        .rows()
        .eachGrantOf(
            resource.uid(),
            row -> {
              addLive(row, grants);
              return true;
            });
    grants.sort(Comparator.comparing(GrantView::principal));
    grants.forEach(grant -> ready.add(new ExportRecord.Grant(grant)));
  }

  private void addLive(GrantRow row, List<GrantView> grants) {
    PrincipalUidRow named = reading.names().principal(row.principal());
    if (named.isDeleted() || named.name().kind() == PrincipalKind.LINK) {
      return;
    }
    row.grants().stream()
        .filter(grant -> grant.expiresAtMicros() > nowMicros)
        .forEach(grant -> grants.add(reading.views().grant(row, grant)));
  }

  private void addTypeRights(Uid holder) {
    reading
        .rows()
        .eachTypeRight(
            Optional.of(holder),
            row -> {
              row.rights().stream()
                  .map(right -> reading.views().typeRight(row, right))
                  .sorted(TypeRightView.ORDER)
                  .forEach(right -> ready.add(new ExportRecord.TypeRight(right)));
              return true;
            });
  }

  /** One that can deny somebody something still. */
  private void addDenyRule(DenyRuleRow row) {
    DenyRuleView rule = reading.views().denyRule(row, this::isExported);
    if (!rule.principals().isEmpty() && !reading.names().resource(row.scope()).isDeleted()) {
      ready.add(new ExportRecord.DenyRule(rule));
    }
  }

  /** Whether an import will find that principal. */
  private boolean isExported(PrincipalUidRow named) {
    return !named.isDeleted()
        && (named.name().kind() != PrincipalKind.LINK
            || reading.rows().link(named.uid()).flatMap(this::linkGrant).isPresent());
  }

  private void addSuspension(SuspensionRow.Target target, Uid uid, SuspensionTarget named) {
    reading
        .rows()
        .suspension(target, uid)
        .ifPresent(row -> ready.add(new ExportRecord.Suspension(named, row.reason())));
  }
}
