package dev.modelgate.app.query;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;

/**
 * Which page of a listing is wanted.
 *
 * @param size how many items at most, 1 to {@value #SIZE_MAX}
 * @param token where the page before ended; empty for the first
 */
public record PageRequest(int size, String token) {
  /** The largest page, in items. */
  public static final int SIZE_MAX = 1_000;

  /** The page of a request that says nothing, in items. */
  public static final int SIZE_DEFAULT = 100;

  /**
   * Reads the two fields of a request.
   *
   * @param pageSize 0 for the default
   * @throws dev.modelgate.model.RefusedException INVALID_FIELD for a size that is negative or too
   *     large
   */
  public static PageRequest of(int pageSize, String pageToken) {
    if (pageSize < 0 || pageSize > SIZE_MAX) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "page_size", String.valueOf(pageSize), "0.." + SIZE_MAX)
          .asException();
    }
    return new PageRequest(pageSize == 0 ? SIZE_DEFAULT : pageSize, pageToken);
  }
}
