package dev.modelgate.app.query;

import dev.modelgate.store.Micros;
import java.util.List;

/**
 * A page of a preview.
 *
 * @param changes by principal, the oldest record first, and by the resources' names in bytes
 * @param nextToken what goes on behind the last pair looked at; empty when there is nothing more
 * @param complete whether this page ends a preview all of whose pages together are exactly the
 *     difference between Check at {@code revision} and Check after the mutation
 * @param revision the token of the revision to which the mutation would be applied
 * @param validUntilMicros the earliest time at which this page or one before it could be another
 *     with no change made; {@link Micros#NEVER} when no such time is known
 */
public record PreviewPage(
    List<AccessChange> changes,
    String nextToken,
    boolean complete,
    String revision,
    long validUntilMicros) {
  /** Copies the list. */
  public PreviewPage {
    changes = List.copyOf(changes);
  }

  /** One that ends a preview with nothing. */
  static PreviewPage empty(String revision) {
    return new PreviewPage(List.of(), "", true, revision, Micros.NEVER);
  }
}
