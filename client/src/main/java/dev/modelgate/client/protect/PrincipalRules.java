package dev.modelgate.client.protect;

import java.util.List;

/**
 * Who asks, by a protection document.
 *
 * @param principal the alternatives, of which the first whose credential is present counts; none
 *     when the document does not say
 * @param actingThrough each must be proven, nearest to the principal first
 */
public record PrincipalRules(
    List<CredentialSource> principal, List<CredentialSource> actingThrough) {
  /** Copies the lists. */
  public PrincipalRules {
    principal = List.copyOf(principal);
    actingThrough = List.copyOf(actingThrough);
  }
}
