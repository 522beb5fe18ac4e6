package dev.modelgate.identity;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.client.identity.VerifiedToken;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads whom a verified token names, and the groups that it claims. */
final class TokenClaims {
  /**
   * The most groups that a token may claim; one with more is refused, for rules that deny count.
   */
  static final int GROUPS_MAX = 256;

  private final IssuerSettings settings;

  TokenClaims(IssuerSettings settings) {
    this.settings = settings;
  }

  /**
   * The caller behind a token, his peer not set.
   *
   * @throws dev.modelgate.model.RefusedException CLAIMS
   */
  Caller caller(VerifiedToken token) {
    return new Caller(
        "jwt:" + settings.id() + ":" + token.subject(),
        Optional.of(principal(token)),
        settings.organizations(),
        groups(token.claims()),
        Micros.of(token.expires()),
        token.standing()::getAsBoolean,
        "");
  }

  private PrincipalName principal(VerifiedToken token) {
    String id =
        token
            .name(settings.principalClaim(), settings.anyEmail())
            .orElseThrow(Unauthenticated.CLAIMS::asException);
    try {
      return new PrincipalName(settings.principalKind(), id);
    } catch (InvalidNameException e) {
      throw Unauthenticated.CLAIMS.asException();
    }
  }

  /**
   * The claimed groups by their names in the directory: {@code group:<issuer-id>:<value>}. A value
   * that no group can be named by is left out. Groups that are claimed but stand elsewhere, as some
   * issuers do with many, refuse the token: a rule may deny something to one of them.
   */
  private List<PrincipalName> groups(Map<String, Object> claims) {
    if (settings.groupsClaim().isEmpty()) {
      return List.of();
    }
    Object claimed = claims.get(settings.groupsClaim());
    if (claimed == null) {
      if (claims.get("_claim_names") instanceof Map<?, ?> elsewhere
          && elsewhere.containsKey(settings.groupsClaim())) {
        throw Unauthenticated.CLAIMS.asException();
      }
      return List.of();
    }
    List<?> values = claimed instanceof List<?> list ? list : List.of(claimed);
    if (values.size() > GROUPS_MAX) {
      throw Unauthenticated.CLAIMS.asException();
    }
    List<PrincipalName> groups = new ArrayList<>();
    for (Object value : values) {
      if (!(value instanceof String text)) {
        throw Unauthenticated.CLAIMS.asException();
      }
      if (!text.isEmpty()) {
        try {
          groups.add(new PrincipalName(PrincipalKind.GROUP, settings.id() + ":" + text));
        } catch (InvalidNameException e) {
          // No group here can have such a name.
        }
      }
    }
    return groups.stream().distinct().toList();
  }
}
