package dev.modelgate.app.check;

import dev.modelgate.model.PrincipalName;
import java.util.List;
import java.util.Set;

/**
 * Groups that the token of a call claims for its subject.
 *
 * <p>They count for the link of a chain that is the subject, in organizations that the token's
 * issuer is bound to, and nowhere else (hazard 18). What they come to is never kept in the cache.
 *
 * @param principal the subject
 * @param organizations ids of the organizations that the issuer is bound to
 * @param groups by their names in the directory; those that are not there mean nothing
 * @param untilMicros the end of the token: no answer that stands on it holds longer
 */
public record Claims(
    String principal, Set<String> organizations, List<PrincipalName> groups, long untilMicros) {
  /** None. */
  public static final Claims NONE = new Claims("", Set.of(), List.of(), 0);

  /** Copies the collections. */
  public Claims {
    organizations = Set.copyOf(organizations);
    groups = List.copyOf(groups);
  }

  /** The groups that count for a link in an organization; mostly none. */
  List<PrincipalName> of(String link, String organizationId) {
    return concern(link, organizationId) ? groups : List.of();
  }

  /** Whether there are such groups. */
  boolean concern(String link, String organizationId) {
    return !groups.isEmpty() && principal.equals(link) && organizations.contains(organizationId);
  }
}
