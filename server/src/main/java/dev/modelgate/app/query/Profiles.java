package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.ProfileRow;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reads profiles. Thread-safe; blocks for reads. */
public final class Profiles {
  private static final int BUILT_IN = 0;
  private static final int OF_ORGANIZATION = 1;

  private final Reader reader;

  Profiles(Reader reader) {
    this.reader = reader;
  }

  /**
   * A version of an organization's profile, for its active principals and the system administrator.
   *
   * @param version from 1; 0 for the one that holds
   * @throws dev.modelgate.model.RefusedException NOT_FOUND, ON_BEHALF_OF_INVALID
   */
  public ProfileView get(String organizationId, long version, Requester requester) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          OrgState org = initialized(reading.org());
          long wanted = version == 0 ? current(org) : version;
          return reading
              .rows()
              .profile(wanted)
              .map(row -> view(org, row))
              .orElseThrow(() -> Reading.notFound(name(org.id(), wanted)));
        });
  }

  /**
   * A built-in profile.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_PROFILE
   */
  public ProfileView builtIn(String name) {
    return BuiltInProfiles.find(name)
        .map(Profiles::view)
        .orElseThrow(
            () ->
                Refusal.ofField(
                        Fault.UNKNOWN_PROFILE,
                        "built_in",
                        name,
                        "one of " + BuiltInProfiles.names())
                    .asException());
  }

  /**
   * What a change set put, for whoever made the change, without the document.
   *
   * @param row the row that it wrote; empty for the version that holds
   */
  public ProfileView changed(String organizationId, Optional<ProfileRow> row) {
    return reader
        .read(
            organizationId,
            Requester.SYSTEM_ADMINISTRATOR,
            reading ->
                row.map(put -> view(reading.org(), put, true))
                    .orElseGet(() -> get(organizationId, 0, Requester.SYSTEM_ADMINISTRATOR)))
        .withoutDocument();
  }

  /**
   * The built-in profiles by name, then the versions of an organization's from the first; all
   * without their documents.
   *
   * @param organizationId empty for the built-in ones only
   * @throws dev.modelgate.model.RefusedException NOT_FOUND, PAGE_TOKEN_INVALID,
   *     ON_BEHALF_OF_INVALID also for whoever acts for somebody without an organization
   */
  public Page<ProfileView> list(
      Optional<String> organizationId, Requester requester, PageRequest page) {
    if (organizationId.isPresent()) {
      return reader.read(
          organizationId.get(),
          requester,
          reading -> {
            OrgState org = initialized(reading.org());
            PageScope scope = PageScope.of(org, "ListProfiles", List.of());
            return page(scope, page, Optional.of(reading));
          });
    }
    if (!requester.isSystemAdministrator()) {
      throw Refusal.ofField(
              Fault.ON_BEHALF_OF_INVALID,
              "x-modelgate-on-behalf-of",
              requester.actor(),
              "nobody, for the list of built-in profiles has no directory")
          .asException();
    }
    return reader.readAll(
        (Published state) ->
            page(PageScope.of(state.system(), "ListProfiles", List.of()), page, Optional.empty()));
  }

  /** Behind so many built-in profiles, or behind that version of the organization's. */
  private record Place(int section, int after) {
    static Place read(ByteReader in) {
      return new Place(in.varint(OF_ORGANIZATION), in.varint(Integer.MAX_VALUE));
    }
  }

  private static Page<ProfileView> page(
      PageScope scope, PageRequest page, Optional<Reading> reading) {
    Place begin = scope.position(page.token(), Place::read).orElse(new Place(BUILT_IN, 0));
    int section = begin.section();
    int after = begin.after();
    Walk<ProfileView> walk = new Walk<>(scope, page);
    List<String> names = BuiltInProfiles.names().stream().sorted().toList();
    boolean goesOn = true;
    for (int i = section == BUILT_IN ? after : names.size(); goesOn && i < names.size(); i++) {
      String name = names.get(i);
      goesOn =
          walk.offer(position(BUILT_IN, i + 1), true, () -> profileNamed(name).withoutDocument());
    }
    if (goesOn && reading.isPresent()) {
      OrgState org = reading.get().org();
      reading
          .get()
          .rows()
          .eachProfile(
              section == BUILT_IN ? 1 : after + 1L,
              row ->
                  walk.offer(
                      position(OF_ORGANIZATION, row.version()),
                      true,
                      () -> view(org, row).withoutDocument()));
    }
    return walk.page();
  }

  private static ByteWriter position(int section, long last) {
    return new ByteWriter(8).varint(section).varint(last);
  }

  private static ProfileView profileNamed(String name) {
    return view(BuiltInProfiles.find(name).orElseThrow());
  }

  /** The reserved organization has no profile. */
  private static OrgState initialized(OrgState org) {
    if (!org.isInitialized()) {
      throw Reading.notFound("organizations/" + org.id());
    }
    return org;
  }

  private static long current(OrgState org) {
    return org.settings().orElseThrow().profileVersion();
  }

  private static ProfileView view(ProfileDocument document) {
    return new ProfileView(
        Optional.empty(),
        document.name(),
        0,
        false,
        document.text(),
        digest(document.text()),
        Optional.empty(),
        "");
  }

  private static ProfileView view(OrgState org, ProfileRow row) {
    return view(org, row, row.version() == current(org));
  }

  static ProfileView view(OrgState org, ProfileRow row, boolean current) {
    return new ProfileView(
        Optional.of(org.id()),
        row.name(),
        row.version(),
        current,
        row.text(),
        digest(row.text()),
        Optional.of(Micros.toInstant(row.createdAtMicros())),
        current ? Etag.ofProfile(row.version()) : "");
  }

  private static String name(String organizationId, long version) {
    return "organizations/" + organizationId + "/profiles/" + version;
  }

  private static String digest(String text) {
    byte[] bytes = Digest.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(bytes);
  }
}
