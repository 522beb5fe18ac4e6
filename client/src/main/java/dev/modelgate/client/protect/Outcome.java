package dev.modelgate.client.protect;

import java.util.List;

/** What a request asks for. */
public sealed interface Outcome {

  /** It passes unasked. */
  record Open() implements Outcome {}

  /**
   * It passes when all of these are allowed.
   *
   * @param targets at least one, none twice
   */
  record Targets(List<Target> targets) implements Outcome {
    /** Copies the list. */
    public Targets {
      targets = List.copyOf(targets);
      if (targets.isEmpty()) {
        throw new IllegalStateException("an outcome without a target");
      }
    }
  }

  /**
   * It passes, and of the list in its JSON response only those models are shown that the caller may
   * do {@code action} on. Whoever does not see the response denies it.
   *
   * @param list the path of the models' names in the response, such as {@code data[].id}
   * @param action of the organization's profile
   */
  record Listing(String list, String action) implements Outcome {}

  /**
   * No rule matches it, or it names no model: PERMISSION_DENIED or 403, with the reason NO_MODEL.
   *
   * @param why for the message of the answer; has nothing of the request
   */
  record Unmapped(String why) implements Outcome {}

  /**
   * It can be read in more than one way, or in none: INVALID_ARGUMENT or 400.
   *
   * @param why for the message of the answer; has nothing of the request
   */
  record Malformed(String why) implements Outcome {}

  /** Its model stands in the body, which is to be read first. */
  record NeedsBody() implements Outcome {}
}
