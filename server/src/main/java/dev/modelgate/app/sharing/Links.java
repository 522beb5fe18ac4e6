package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows of external links. A link is a principal of its own, so that its grant is one like
 * others and its name, used again, is another link (hazard 13).
 */
final class Links {
  /** How many links one sweep ends. */
  private static final int FORGOTTEN_MAX = 250;

  private final Draft draft;

  Links(Draft draft) {
    this.draft = draft;
  }

  /** The principal of a link. */
  static PrincipalName principal(String id) {
    return new PrincipalName(PrincipalKind.LINK, id);
  }

  /** The link of that id, whatever it leads to. */
  Optional<LinkRow> find(String id) {
    return draft.rows().principal(principal(id)).flatMap(row -> draft.rows().link(row.uid()));
  }

  /** Ends a link; what is left of its grants is swept later. */
  void end(LinkRow link) {
    PrincipalName name = principal(link.id());
    PrincipalRow row =
        draft
            .rows()
            .principal(name)
            .orElseThrow(() -> new IllegalStateException("a link without a principal: " + name));
    draft.rows().grants(link.resource(), link.uid()).ifPresent(draft::delete);
    draft.delete(link);
    draft.delete(row);
    draft.put(new PrincipalUidRow(link.uid(), name, draft.atMicros()));
    draft.put(new OrphanRow(link.uid(), SuspensionRow.Target.PRINCIPAL));
  }

  /**
   * Ends the links of a deleted resource, {@value #FORGOTTEN_MAX} at a time.
   *
   * @return whether none leads there any more
   */
  boolean forgetResource(Uid resource) {
    List<LinkRow> links = new ArrayList<>();
    draft
        .rows()
        .eachLink(
            row -> {
              if (row.resource().equals(resource)) {
                links.add(row);
              }
              return links.size() <= FORGOTTEN_MAX;
            });
    links.stream().limit(FORGOTTEN_MAX).forEach(this::end);
    return links.size() <= FORGOTTEN_MAX;
  }
}
