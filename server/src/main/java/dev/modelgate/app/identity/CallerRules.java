package dev.modelgate.app.identity;

import dev.modelgate.model.PrincipalName;
import java.util.List;
import java.util.Optional;

/**
 * What callers may do, by the first rule that means them.
 *
 * <p>Without any rule, an authenticated caller is the principal that he is on the admin plane, and
 * asks the data plane about anybody in the organizations of his credential. As soon as there are
 * rules, one that none of them means asks about himself alone.
 */
public final class CallerRules {
  /** None. */
  public static final CallerRules NONE = new CallerRules(List.of());

  private final List<CallerRule> rules;

  /** Those rules, in their order. */
  public CallerRules(List<CallerRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** The rule that means a caller, if there is one. */
  public Optional<CallerRule> of(Caller caller) {
    for (CallerRule rule : rules) {
      if (rule.matches(caller)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  /** Whether a principal is a system administrator where he calls himself. */
  public boolean isSystemAdministrator(PrincipalName principal) {
    String name = principal.toString();
    return rules.stream()
        .filter(CallerRule::systemAdministrator)
        .anyMatch(rule -> rule.callers().stream().anyMatch(pattern -> pattern.matches(name)));
  }

  /** How many rules make system administrators. */
  public long systemAdministrators() {
    return rules.stream().filter(CallerRule::systemAdministrator).count();
  }

  /** What a caller may ask of single accesses, which takes no right but to ask. */
  public Asking checking(Caller caller) {
    return asking(caller, rules.isEmpty() ? Optional.empty() : Optional.of(CallerRule.Asks.SELF));
  }

  /** What a caller may have listed or explained, which also takes the right to what is shown. */
  public Asking listing(Caller caller) {
    return asking(caller, Optional.empty());
  }

  private Asking asking(Caller caller, Optional<CallerRule.Asks> otherwise) {
    if (!caller.isAuthenticated() || caller.isBootstrap()) {
      return Asking.FREE;
    }
    Optional<CallerRule> rule = of(caller);
    if (rule.isPresent() && rule.get().systemAdministrator()) {
      return Asking.FREE;
    }
    return new Asking(Optional.of(caller), rule.flatMap(CallerRule::asks).or(() -> otherwise));
  }
}
