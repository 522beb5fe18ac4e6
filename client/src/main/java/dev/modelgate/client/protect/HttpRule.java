package dev.modelgate.client.protect;

import java.util.Optional;

/**
 * One rule of HTTP requests.
 *
 * @param pattern which ones
 * @param ask what they ask for
 */
record HttpRule(HttpPattern pattern, Ask ask) {

  /** What requests ask for. */
  sealed interface Ask {
    /** Nothing. */
    record Open() implements Ask {}

    /**
     * The model of the path, of the body, or of both alike.
     *
     * @param action of the organization's profile
     * @param body where the body names it
     */
    record Models(String action, Optional<JsonPath> body) implements Ask {}

    /**
     * A list of models.
     *
     * @param action of the organization's profile
     * @param list where the response names them
     */
    record Listed(String action, String list) implements Ask {}
  }

  /** Whether it takes the body to say what is asked for. */
  boolean needsBody() {
    return ask instanceof Ask.Models models && models.body().isPresent();
  }
}
