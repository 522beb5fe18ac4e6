package dev.modelgate.app.query;

import java.util.List;

/**
 * A page of a listing.
 *
 * @param items in the order of the listing; may be fewer than asked for without being the last
 * @param nextToken what goes on behind the last item; empty when there is nothing more
 */
public record Page<T>(List<T> items, String nextToken) {
  /** Copies the list. */
  public Page {
    items = List.copyOf(items);
  }
}
