package dev.modelgate.app.identity;

import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one caller may ask the data plane: in which organizations, about whom. Looks at names as
 * they were sent: one that is not canonical may pass, and is refused as such afterwards.
 */
public final class Asking {
  /** Anything. */
  public static final Asking FREE = new Asking(Optional.empty(), Optional.empty());

  private final Optional<Caller> caller;
  private final Optional<CallerRule.Asks> asks;

  Asking(Optional<Caller> caller, Optional<CallerRule.Asks> asks) {
    this.caller = caller;
    this.asks = asks;
  }

  /** Whether there is no bound at all, so that nothing need be looked at. */
  public boolean isFree() {
    return caller.isEmpty();
  }

  /**
   * Refuses a question beyond the bounds.
   *
   * @param organizationId the id of the resource's organization; empty when it has none
   * @param principals whom it is about
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED, naming the bound
   */
  public void require(String organizationId, List<String> principals) {
    requireOrganization(organizationId);
    principals.forEach(this::requirePrincipal);
  }

  /** The same for a question about all principals there are. */
  public void requireAnybody(String organizationId) {
    requireOrganization(organizationId);
    requirePrincipal("*");
  }

  private void requireOrganization(String id) {
    if (caller.isPresent() && !(caller.get().isOf(id) && isAskedIn(id))) {
      Set<String> bound =
          asks.flatMap(CallerRule.Asks::organizations)
              .or(() -> caller.get().organizations())
              .orElse(Set.of());
      throw refused("organizations/" + id, "organizations " + bound.stream().sorted().toList());
    }
  }

  private boolean isAskedIn(String id) {
    Optional<Set<String>> organizations = asks.flatMap(CallerRule.Asks::organizations);
    return organizations.isEmpty() || organizations.get().contains(id);
  }

  private void requirePrincipal(String name) {
    if (asks.isEmpty()) {
      return;
    }
    for (CallerPattern pattern : asks.get().principals()) {
      if (pattern.matches(name)) {
        return;
      }
    }
    String self = caller.flatMap(Caller::principal).map(Object::toString).orElse("");
    if (!asks.get().self() || !self.equals(name)) {
      throw refused(name, "principals " + about(asks.get()));
    }
  }

  private static List<String> about(CallerRule.Asks asks) {
    List<String> about = new ArrayList<>(asks.principals().stream().map(Object::toString).toList());
    if (asks.self()) {
      about.add("self");
    }
    return about;
  }

  private RefusedException refused(String asked, String bound) {
    String credential = caller.map(Caller::credential).orElse("");
    return Refusal.notPermitted(
            "the credential `" + credential + "` may ask about " + bound,
            caller.flatMap(Caller::principal).map(Object::toString).orElse(credential),
            bound,
            InvalidNameException.shortened(asked),
            "")
        .asException();
  }
}
