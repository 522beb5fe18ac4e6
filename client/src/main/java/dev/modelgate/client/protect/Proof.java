package dev.modelgate.client.protect;

import java.time.Instant;
import java.util.List;

/** Who asks. */
public sealed interface Proof {

  /**
   * Proven.
   *
   * @param principal such as {@code user:ana@acme.com}
   * @param actingThrough nearest to the principal first
   * @param until when the first of the credentials ends
   */
  record Proven(String principal, List<String> actingThrough, Instant until) implements Proof {
    /** Copies the list. */
    public Proven {
      actingThrough = List.copyOf(actingThrough);
    }
  }

  /**
   * Nobody: UNAUTHENTICATED or 401.
   *
   * @param why for the log of whoever protects the server; has nothing of the credential
   */
  record Unproven(String why) implements Proof {}
}
