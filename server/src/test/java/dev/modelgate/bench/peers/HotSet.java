package dev.modelgate.bench.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * The pairs that every peer is asked about, and what the sidecar said of each.
 *
 * @param pairs the pairs in the order in which they are asked
 */
public record HotSet(List<Pair> pairs) {
  private static final int LISTED = 4;

  /** Copies the list. */
  public HotSet {
    pairs = List.copyOf(pairs);
  }

  /**
   * A question and its answer.
   *
   * @param user the name of the user, {@code user:u0@corp.example}
   * @param model the name of the model, {@code organizations/...}
   */
  public record Pair(String user, String model, boolean allowed) {
    /**
     * The users that a peer without a store is told of, among them the asked one if it is allowed:
     * a short list, which is to the peer's advantage.
     */
    List<String> listed(int number) {
      List<String> users = new ArrayList<>();
      for (int i = 0; i < LISTED; i++) {
        users.add(allowed && i == number % LISTED ? user : "user:o" + i + "@corp.example");
      }
      return users;
    }
  }

  /** The pairs that are allowed. */
  List<Pair> allowed() {
    return pairs.stream().filter(Pair::allowed).toList();
  }
}
