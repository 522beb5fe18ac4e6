package dev.modelgate.app.check;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;

/** The links of the chain of a question: the principal, then who stands in between. */
final class Links {
  private Links() {}

  /** All of them, in their order. */
  static List<String> of(Question question) {
    int count = 1 + question.actingThrough().size();
    List<String> links = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      links.add(at(question, i));
    }
    return links;
  }

  /** One of them; 0 for the principal. */
  static String at(Question question, int index) {
    return index == 0 ? question.principal() : chained(question.actingThrough().get(index - 1));
  }

  /** Until when what a link's claims come to may hold. */
  static long claimsEnd(Question question, OrgState org, String link) {
    Claims claims = question.request().claims();
    return claims.concern(link, org.id()) ? claims.untilMicros() : Micros.NEVER;
  }

  /** A link and an anonymous caller are no accounts, so nobody acts through them. */
  private static String chained(String link) {
    if (link.startsWith("link:") || link.equals("anonymous")) {
      Evaluator.link(link);
    }
    return link;
  }
}
