package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.query.LookupPage;
import dev.modelgate.app.query.PageRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A whole lookup, page by page.
 *
 * @param allowed in the order of the pages
 * @param conditional with the missing attributes
 * @param complete what the last page says
 */
record Lookup(
    List<String> allowed, Map<String, List<String>> conditional, boolean complete, int pages) {

  /** Asks for all pages of that size, and looks at each by itself. */
  static Lookup all(int pageSize, Function<PageRequest, LookupPage> ask) {
    List<String> allowed = new ArrayList<>();
    Map<String, List<String>> conditional = new TreeMap<>();
    String token = "";
    for (int pages = 1; ; pages++) {
      LookupPage page = ask.apply(PageRequest.of(pageSize, token));
      assertTrue(page.allowed().size() + page.conditional().size() <= pageSize, page::toString);
      allowed.addAll(page.allowed());
      for (LookupPage.Conditional item : page.conditional()) {
        assertEquals(null, conditional.put(item.name(), item.missing()), item::toString);
      }
      token = page.nextToken();
      if (token.isEmpty()) {
        return new Lookup(allowed, conditional, page.complete(), pages);
      }
      assertFalse(page.complete(), "a page before the last is complete");
    }
  }
}
