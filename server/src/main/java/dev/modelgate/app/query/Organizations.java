package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Revision;
import dev.modelgate.store.row.SettingsRow;
import java.util.List;
import java.util.Optional;

/** Reads organizations. Thread-safe; blocks for reads. */
public final class Organizations {
  private final Reader reader;

  Organizations(Reader reader) {
    this.reader = reader;
  }

  /**
   * One organization, for its active principals and the system administrator.
   *
   * @throws RefusedException NOT_FOUND, ON_BEHALF_OF_INVALID
   */
  public OrganizationView get(String organizationId, Requester requester) {
    return reader.readAll(state -> get(state, organizationId, requester));
  }

  /**
   * The organization as a change set left it, for whoever made the change.
   *
   * @param settings the row that the change set wrote; empty for the present one
   */
  public OrganizationView changed(
      String organizationId, Optional<SettingsRow> settings, Revision at) {
    return reader.read(
        organizationId,
        Requester.SYSTEM_ADMINISTRATOR,
        reading ->
            reading.views().organization(settings.orElseGet(() -> settings(reading)), at.token()));
  }

  /**
   * All organizations in the order of their ids, the reserved one apart.
   *
   * @throws RefusedException for everybody but the system administrator NOT_PERMITTED, or
   *     ON_BEHALF_OF_INVALID where somebody is acted for; PAGE_TOKEN_INVALID
   */
  public Page<OrganizationView> list(Requester requester, PageRequest page) {
    if (requester.isHimself()) {
      throw Refusal.notPermitted(
              "organizations are listed by the system administrator",
              requester.shown(),
              "administrator",
              "organizations/system",
              "")
          .asException();
    }
    if (!requester.isSystemAdministrator()) {
      throw Refusal.ofField(
              Fault.ON_BEHALF_OF_INVALID,
              "x-modelgate-on-behalf-of",
              requester.actor(),
              "nobody, for the list of all organizations has no directory")
          .asException();
    }
    return reader.readAll(state -> list(state, requester, page));
  }

  private Page<OrganizationView> list(Published state, Requester requester, PageRequest page) {
    PageScope scope = PageScope.of(state.system(), "ListOrganizations", List.of());
    String after = scope.position(page.token(), ByteReader::text).orElse("");
    Walk<OrganizationView> walk = new Walk<>(scope, page);
    for (OrgState org : state.organizations()) {
      if (org.id().compareTo(after) <= 0) {
        continue;
      }
      boolean goesOn =
          walk.offer(
              new ByteWriter(64).text(org.id()),
              org.isInitialized() || org.isRestricted(),
              () -> get(state, org.id(), requester));
      if (!goesOn) {
        break;
      }
    }
    return walk.page();
  }

  /** Of one that is restricted, nothing is believed but its registration. */
  private OrganizationView get(Published state, String organizationId, Requester requester) {
    Optional<OrgState> restricted =
        state.organization(organizationId).filter(OrgState::isRestricted);
    return restricted.isPresent() && requester.isSystemAdministrator()
        ? Views.restricted(restricted.get())
        : view(reader.open(state, organizationId, requester));
  }

  static OrganizationView view(Reading reading) {
    return reading.views().organization(settings(reading), reading.org().token());
  }

  private static SettingsRow settings(Reading reading) {
    return reading
        .org()
        .settings()
        .orElseThrow(() -> Reading.notFound("organizations/" + reading.org().id()));
  }
}
