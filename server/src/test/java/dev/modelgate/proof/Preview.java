package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.commit.Order;
import dev.modelgate.app.query.AccessChange;
import dev.modelgate.app.query.AccessChange.Difference;
import dev.modelgate.app.query.AccessChange.Period;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PreviewPage;
import dev.modelgate.app.query.PreviewQuery;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole preview, page by page.
 *
 * @param changes by the pair that they are of
 * @param complete what the last page says
 */
record Preview(
    Map<Pair, List<Period>> changes, boolean complete, int pages, long validUntilMicros) {

  /** A principal and a resource. */
  record Pair(String principal, String resource) {}

  /** Asks for all pages of that size, and looks at each by itself. */
  static Preview of(
      Bed bed, String organizationId, Requester requester, Command command, int pageSize) {
    PreviewQuery query =
        new PreviewQuery(
            organizationId, Order.of(requester), command, command.toString(), LookupContext.NONE);
    Map<Pair, List<Period>> changes = new HashMap<>();
    String token = "";
    for (int pages = 1; ; pages++) {
      PreviewPage page = bed.previews().preview(query, PageRequest.of(pageSize, token));
      assertTrue(page.changes().size() <= pageSize, page::toString);
      for (AccessChange change : page.changes()) {
        assertFalse(change.periods().isEmpty(), change::toString);
        assertEquals(
            null,
            changes.put(new Pair(change.principal(), change.resource()), change.periods()),
            () -> change + " twice");
      }
      token = page.nextToken();
      if (token.isEmpty()) {
        return new Preview(changes, page.complete(), pages, page.validUntilMicros());
      }
      assertFalse(page.complete(), "a page before the last is complete");
    }
  }

  /** What it says of a pair at a time. */
  Difference at(Pair pair, long micros) {
    for (Period period : changes.getOrDefault(pair, List.of())) {
      if (period.fromMicros() <= micros && micros < period.untilMicros()) {
        return period.difference();
      }
    }
    return Difference.NONE;
  }
}
