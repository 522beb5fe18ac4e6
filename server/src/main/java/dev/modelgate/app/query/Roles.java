package dev.modelgate.app.query;

import dev.modelgate.app.sharing.GrantableRoles;
import dev.modelgate.app.sharing.GrantableRoles.Offer;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.row.ResourceRow;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads which roles can be given on resources. Thread-safe; blocks for reads. */
public final class Roles {
  private static final Comparator<Place> ORDER =
      Comparator.comparingLong((Place place) -> -place.rank()).thenComparing(Place::name);

  private final Reader reader;

  Roles(Reader reader) {
    this.reader = reader;
  }

  /** Where a role stands in the listing. */
  private record Place(long rank, String name) {}

  /**
   * The roles that a resource's kind offers, the highest rank first, then by name.
   *
   * @param includeOthers those, too, that the requester could not give now
   * @throws dev.modelgate.model.RefusedException NOT_FOUND for a resource that he does not see,
   *     UNKNOWN_KIND, PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public Page<Offer> onResource(
      ResourceName resource, boolean includeOthers, Requester requester, PageRequest page) {
    return reader.read(
        resource.organizationId(),
        requester,
        reading -> {
          reading.requireVisible(resource);
          ResourceRow row =
              reading
                  .rows()
                  .resource(resource.relativePath())
                  .orElseThrow(() -> Reading.notFound(resource.text()));
          List<Offer> offers =
              GrantableRoles.of(
                  reading.org(),
                  reading.rows().view(),
                  requester,
                  resource,
                  row,
                  reader.nowMicros());
          List<String> parameters = List.of(resource.text(), String.valueOf(includeOthers));
          return page(
              PageScope.of(reading.org(), "ListGrantableRoles", parameters),
              page,
              offers,
              includeOthers);
        });
  }

  private static Page<Offer> page(
      PageScope scope, PageRequest page, List<Offer> offers, boolean includeOthers) {
    Optional<Place> after = scope.position(page.token(), in -> new Place(in.fixed64(), in.text()));
    Walk<Offer> walk = new Walk<>(scope, page);
    for (Offer offer : offers) {
      Place place = place(offer.role());
      boolean onPageBefore = after.isPresent() && ORDER.compare(place, after.get()) <= 0;
      ByteWriter position = new ByteWriter(64).fixed64(place.rank()).text(place.name());
      boolean shown = includeOthers || offer.grantable();
      if (!onPageBefore && !walk.offer(position, shown, () -> offer)) {
        break;
      }
    }
    return walk.page();
  }

  private static Place place(Role role) {
    return new Place(role.rank(), role.name());
  }
}
