package dev.modelgate.store;

import java.util.List;

/**
 * What a replica did with a batch, record by record in its order.
 *
 * @param outcomes as long as the batch
 */
public record ApplyResult(List<Applied> outcomes) {
  /** Copies the list. */
  public ApplyResult {
    outcomes = List.copyOf(outcomes);
  }

  /**
   * One record's outcome.
   *
   * @param acceptance what the acceptance rule said
   * @param head the organization's head afterwards
   */
  public record Applied(Acceptance acceptance, OrgHead head) {}
}
