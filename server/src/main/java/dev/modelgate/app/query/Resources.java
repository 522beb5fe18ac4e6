package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ResourceRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Reads resources. Thread-safe; blocks for reads. */
public final class Resources {
  private static final byte[] EMPTY = {};

  private final Reader reader;

  Resources(Reader reader) {
    this.reader = reader;
  }

  /**
   * One registered resource.
   *
   * @throws RefusedException NOT_FOUND when it is missing or hidden, ON_BEHALF_OF_INVALID
   */
  public ResourceView get(ResourceName name, Requester requester) {
    return reader.read(
        name.organizationId(),
        requester,
        reading -> reading.views().resource(visible(reading, name)));
  }

  /**
   * A resource as a change set left it, for whoever made the change.
   *
   * @param written the row that the change set wrote; empty for the present one
   */
  public ResourceView changed(ResourceName name, Optional<ResourceRow> written) {
    return reader.read(
        name.organizationId(),
        Requester.SYSTEM_ADMINISTRATOR,
        reading -> reading.views().resource(written.orElseGet(() -> visible(reading, name))));
  }

  /**
   * The registered resources below a parent that the requester may discover, in the order of their
   * names.
   *
   * @param kind only those of that kind; empty for all
   * @param recursive also those that are not direct children
   * @throws RefusedException NOT_FOUND for the parent, UNKNOWN_KIND, PAGE_TOKEN_INVALID,
   *     ON_BEHALF_OF_INVALID
   */
  public Page<ResourceView> list(
      ResourceName parent, String kind, boolean recursive, Requester requester, PageRequest page) {
    return reader.read(
        parent.organizationId(),
        requester,
        reading -> list(reading, parent, kind, recursive, page));
  }

  private static Page<ResourceView> list(
      Reading reading, ResourceName parent, String kind, boolean recursive, PageRequest page) {
    visible(reading, parent);
    requireKind(reading, kind);
    PageScope scope =
        PageScope.of(
            reading.org(),
            "ListResources",
            List.of(parent.text(), kind, String.valueOf(recursive)));
    String below = parent.hasParent() ? parent.relativePath() + "/" : "";
    String from =
        scope
            .position(page.token(), at -> new Uid(at.fixed64()))
            .map(uid -> behind(reading, uid))
            .orElse(below);
    Walk<ResourceView> walk = new Walk<>(scope, page);
    Optional<String> next = Optional.of(from);
    while (next.isPresent()) {
      next = walk(reading, parent, below, next.get(), kind, recursive, walk);
    }
    return walk.page();
  }

  /**
   * Walks on from a path; answers where to walk on when it met a subtree that is not wanted. {@code
   * 0} is the character behind {@code /}, so {@code models/a0} is where the tree below {@code
   * models/a} has ended.
   */
  private static Optional<String> walk(
      Reading reading,
      ResourceName parent,
      String below,
      String from,
      String kind,
      boolean recursive,
      Walk<ResourceView> walk) {
    try (RowCursor rows = reading.rows().view().scan(Table.RESOURCES, key(below), key(from))) {
      while (rows.next()) {
        ResourceRow row = ResourceRow.decode(rows.value());
        ResourceName name = reading.names().fullName(row.path());
        if (name.depth() <= parent.depth()) {
          continue;
        }
        if (!recursive && name.depth() > parent.depth() + 1) {
          return Optional.of(name.relativePathAt(parent.depth()) + "0");
        }
        boolean shown = isOfKind(reading, name, kind) && reading.discovers(name);
        // Not its path: a token can be read, and the last row looked at may be a hidden one.
        ByteWriter position = new ByteWriter(8).fixed64(row.uid().value());
        if (!walk.offer(position, shown, () -> reading.views().resource(row))) {
          return Optional.empty();
        }
      }
      return Optional.empty();
    }
  }

  /** Where to go on behind a row, which may be deleted meanwhile. */
  private static String behind(Reading reading, Uid last) {
    return reading.rows().resourcePath(last).orElseThrow(PageScope::invalid).path() + "\0";
  }

  private static ResourceRow visible(Reading reading, ResourceName name) {
    reading.requireVisible(name);
    return reading
        .rows()
        .resource(name.relativePath())
        .orElseThrow(() -> Reading.notFound(name.text()));
  }

  private static void requireKind(Reading reading, String kind) {
    boolean known =
        kind.isEmpty()
            || reading.org().compiled().flatMap(profile -> profile.kind(kind)).isPresent();
    if (!known) {
      throw Refusal.ofField(Fault.UNKNOWN_KIND, "kind", kind, "a kind of the profile")
          .asException();
    }
  }

  private static boolean isOfKind(Reading reading, ResourceName name, String kind) {
    return kind.isEmpty()
        || reading
            .org()
            .compiled()
            .flatMap(profile -> profile.kindOf(name))
            .filter(found -> found.name().equals(kind))
            .isPresent();
  }

  private static byte[] key(String path) {
    return path.isEmpty() ? EMPTY : path.getBytes(StandardCharsets.UTF_8);
  }
}
