package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceUidRow;
import java.util.List;
import java.util.Optional;

/**
 * Accounts that come into an open directory by being named. With its record an account is one of
 * the organization, and of its domain, and has what these have: so whoever is no administrator
 * brings in nobody where that is more than he may share himself.
 */
final class Newcomers {
  /**
   * How many resources are looked at; where more are shared with all, an administrator is needed.
   */
  private static final int RESOURCES_MAX = 1_000;

  private final Draft before;
  private final Rights rights;

  /**
   * Judges by a state.
   *
   * @param before the state before the command
   * @param rights of its requester, in that state
   */
  Newcomers(Draft before, Rights rights) {
    this.before = before;
    this.rights = rights;
  }

  /** The accounts that are there by mutations and were not before. */
  static List<PrincipalName> in(List<Mutation> mutations, Draft before) {
    return mutations.stream()
        .filter(mutation -> mutation.table() == Table.PRINCIPALS)
        .filter(Mutation.Put.class::isInstance)
        .map(mutation -> PrincipalRow.decode(((Mutation.Put) mutation).value()).name())
        .filter(name -> name.kind().mayBeUnknown())
        .filter(name -> before.rows().principal(name).isEmpty())
        .toList();
  }

  /**
   * Refuses one who would gain more than the requester may give, in words that tell nothing of what
   * that is.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_PRINCIPAL
   */
  void requireMayBringIn(PrincipalName name) {
    boolean may = mayGiveWhatHas(Uid.ORGANIZATION);
    if (!name.emailDomain().isEmpty()) {
      Optional<Uid> domain =
          before.uidOf(new PrincipalName(PrincipalKind.DOMAIN, name.emailDomain()));
      may = may && domain.map(this::mayGiveWhatHas).orElse(true);
    }
    if (!may) {
      throw Refusal.ofField(
              Fault.UNKNOWN_PRINCIPAL,
              "principal",
              name.toString(),
              "a principal of the organization, where all of it holds what you may not share")
          .asException();
    }
  }

  private boolean mayGiveWhatHas(Uid set) {
    boolean[] may = {true};
    int[] left = {RESOURCES_MAX};
    before.rows().eachTypeRight(Optional.of(set), row -> may[0] = false);
    before
        .rows()
        .eachResourceGrantedTo(
            set,
            resource -> {
              may[0] &= left[0]-- > 0 && mayGive(resource, set);
              return may[0];
            });
    return may[0];
  }

  private boolean mayGive(Uid resource, Uid set) {
    Optional<ResourceName> name =
        before
            .rows()
            .resourcePath(resource)
            .filter(row -> !row.isDeleted())
            .map(ResourceUidRow::path)
            .map(this::full);
    Optional<Kind> kind = name.flatMap(before.profile()::kindOf);
    if (kind.isEmpty()) {
      return true;
    }
    Cap cap = new Cap(before, rights);
    List<Grant> grants =
        before.rows().grants(resource, set).map(GrantRow::grants).orElse(List.of());
    return rights.has(name.get(), Operation.SHARE)
        && grants.stream().allMatch(grant -> cap.mayGive(name.get(), kind.get(), grant));
  }

  private ResourceName full(String path) {
    ResourceName root = ResourceName.ofOrganization(before.organizationId());
    return path.isEmpty() ? root : ResourceName.parse(root + "/" + path);
  }
}
