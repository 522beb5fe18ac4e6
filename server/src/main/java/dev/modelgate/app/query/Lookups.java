package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.Publication;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Verb;
import java.util.List;
import java.util.Optional;

/**
 * Lists what Check allows: the resources of a principal, the principals of a resource. Thread-safe;
 * blocks for reads.
 *
 * <p>A page is what Check says in one state at one time, looked at from the rows and never from a
 * cache. See {@link LookupWalk} for what becomes of a listing while the organization moves on.
 */
public final class Lookups {
  /** The most resources that one page looks at. */
  static final int RESOURCES_MAX = 10_000;

  /** The most principals that one page looks at; each costs several reads. */
  static final int PRINCIPALS_MAX = 2_000;

  private final Reader reader;
  private final ConditionLanguage language;

  /** Looks up in what a publication shows. */
  public Lookups(Publication publication, MonotoneClock clock, ConditionLanguage language) {
    this.reader = new Reader(publication, clock);
    this.language = language;
  }

  /**
   * The registered resources below a parent on which a principal may do something, in the order of
   * their names' bytes. Reads at most {@value #RESOURCES_MAX} resources for one page.
   *
   * <p>For the principal itself; else for whoever may read grants on the parent. Resources whose
   * grants he may not read are left out, and the listing is not complete then (hazard 35).
   *
   * @throws RefusedException NOT_FOUND for the organization and the parent, NOT_PERMITTED,
   *     KIND_NOT_ALLOWED, UNKNOWN_KIND, UNKNOWN_ACTION, PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public LookupPage resources(ResourceQuery query, Requester requester, PageRequest page) {
    requireCaller(query.principal());
    return reader.read(
        query.parent().organizationId(),
        requester,
        reading -> {
          if (!reading.isActor(query.principal())) {
            requireReader(reading, query.parent());
          }
          Verb needed = verb(reading, query.action());
          Optional<Kind> kind =
              query.kind().isEmpty() ? Optional.empty() : Optional.of(kind(reading, query.kind()));
          PageScope scope =
              PageScope.of(reading.org(), "LookupResources", query.parameters(requester));
          long now = reader.nowMicros();
          LookupWalk walk = new LookupWalk(reading.org(), scope, page, RESOURCES_MAX, now);
          return new ResourceLookup(reading, language, query, needed, kind, walk, now).page();
        });
  }

  /**
   * The principals who may do something to a resource, by uid, for whoever may read its grants.
   * Reads at most {@value #PRINCIPALS_MAX} principals for one page.
   *
   * <p>Expanded: every account with a record that Check allows. Accounts without a record have no
   * end, so that they are named by {@code allAuthenticatedUsers}, an anonymous caller by {@code
   * allUsers}.
   *
   * <p>Not expanded: every set of accounts is listed, too, when somebody of whom no more is known
   * than that he is in it is allowed; and nothing is listed that is in another set which is. A
   * member may yet be denied, by a deny rule or because he is suspended: expanded it shows.
   *
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED, UNKNOWN_KIND, UNKNOWN_ACTION,
   *     PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public LookupPage principals(PrincipalQuery query, Requester requester, PageRequest page) {
    return reader.read(
        query.resource().organizationId(),
        requester,
        reading -> {
          requireKnown(reading, query.resource());
          long needed = needed(reading, query.resource(), query.action());
          PageScope scope =
              PageScope.of(reading.org(), "LookupPrincipals", query.parameters(requester));
          long now = reader.nowMicros();
          LookupWalk walk = new LookupWalk(reading.org(), scope, page, PRINCIPALS_MAX, now);
          return new PrincipalLookup(reading, language, query, needed, walk, now).page();
        });
  }

  /**
   * Explains the answer of Check to one question, for the principal itself; else for whoever may
   * read grants on the resource, and who could help is for them alone (hazard 35).
   *
   * @throws RefusedException NOT_FOUND for the organization, and for a resource that is hidden,
   *     NOT_PERMITTED, KIND_NOT_ALLOWED, UNKNOWN_KIND, UNKNOWN_ACTION, ON_BEHALF_OF_INVALID
   */
  public Explanation explain(ExplainQuery query, Requester requester) {
    requireCaller(query.principal());
    return reader.read(
        query.resource().organizationId(),
        requester,
        reading -> {
          boolean reads = reading.may(query.resource(), Operation.READ_GRANTS);
          if (!reads && !reading.isActor(query.principal())) {
            reading.require(query.resource(), Operation.READ_GRANTS);
          }
          if (!reading.org().isInitialized()) {
            throw Reading.notFound(query.resource().text());
          }
          long needed = needed(reading, query.resource(), query.action());
          long now = reader.nowMicros();
          Optional<GranterSearch> search =
              reads ? Optional.of(new GranterSearch(reading, query, now)) : Optional.empty();
          return new Explainer(reading, language, query, needed, now).explain(search);
        });
  }

  /** What needs no record is known with what is above it. */
  private static void requireKnown(Reading reading, ResourceName resource) {
    reading.require(resource, Operation.READ_GRANTS);
    if (!reading.org().isInitialized()) {
      throw Reading.notFound(resource.text());
    }
    List<Kind> kinds = Gathering.kinds(reading.profile(), resource);
    for (int level = 0; level < kinds.size(); level++) {
      if (kinds.get(level).needsRecord()
          && reading.rows().resource(resource.relativePathAt(level)).isEmpty()) {
        throw Reading.notFound(resource.text());
      }
    }
  }

  private static void requireReader(Reading reading, ResourceName resource) {
    reading.require(resource, Operation.READ_GRANTS);
    if (reading.rows().resource(resource.relativePath()).isEmpty()) {
      throw Reading.notFound(resource.text());
    }
  }

  private static void requireCaller(PrincipalName principal) {
    if (!principal.kind().canCall()) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "principal",
              principal.toString(),
              "a user, serviceAccount, app or link, or anonymous")
          .asException();
    }
  }

  private static long needed(Reading reading, ResourceName resource, String action) {
    Verb verb = verb(reading, action);
    List<Kind> kinds = Gathering.kinds(reading.profile(), resource);
    return verb.on(kinds.get(kinds.size() - 1));
  }

  private static Verb verb(Reading reading, String action) {
    return reading
        .org()
        .profile()
        .action(action)
        .orElseThrow(
            () -> {
              String expected = "an action of the profile `" + reading.profile().name() + "`";
              return Refusal.ofField(Fault.UNKNOWN_ACTION, "action", action, expected)
                  .asException();
            });
  }

  private static Kind kind(Reading reading, String name) {
    return reading
        .org()
        .profile()
        .kind(name)
        .orElseThrow(
            () ->
                Refusal.ofField(Fault.UNKNOWN_KIND, "kind", name, "a kind of the profile")
                    .asException());
  }
}
