package dev.modelgate.grpc;

import dev.modelgate.app.Standing;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For whom an authenticated caller acts: the bootstrap token for itself, as the system
 * administrator, or for the principal that the call names; everybody else as the principal that he
 * is, in the organizations that his credential is bound to.
 */
final class Requesters {
  static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  private Requesters() {}

  /**
   * The requester of a call.
   *
   * @param standing whether the caller's credential still holds
   * @throws dev.modelgate.model.RefusedException ON_BEHALF_OF_INVALID, NOT_PERMITTED
   */
  static Requester of(Caller caller, Metadata headers, Standing standing) {
    Optional<PrincipalName> actedFor = actedFor(headers);
    if (caller.isBootstrap()) {
      return actedFor
          .map(Requester::onBehalfOf)
          .orElse(Requester.SYSTEM_ADMINISTRATOR)
          .standing(standing);
    }
    PrincipalName principal =
        caller
            .principal()
            .orElseThrow(() -> notPermitted(caller.credential(), "principal").asException());
    if (actedFor.isPresent()) {
      throw notPermitted(principal.toString(), ON_BEHALF_OF.name()).asException();
    }
    return new Requester(caller.credential(), Optional.of(principal), caller.organizations())
        .standing(standing);
  }

  private static Optional<PrincipalName> actedFor(Metadata headers) {
    List<String> principals = values(headers);
    if (principals.isEmpty()) {
      return Optional.empty();
    }
    if (principals.size() > 1) {
      throw refused(principals.size() + " values", "exactly one value").asException();
    }
    try {
      PrincipalName name = PrincipalName.parse(principals.get(0));
      if (!name.kind().canCall()) {
        throw refused(principals.get(0), "an account").asException();
      }
      return Optional.of(name);
    } catch (InvalidNameException e) {
      throw refused(e.value(), "one canonical principal").asException();
    }
  }

  private static Refusal notPermitted(String actor, String permission) {
    return Refusal.notPermitted(
        "`" + actor + "` lacks `" + permission + "` on the admin plane", actor, permission, "", "");
  }

  private static Refusal refused(String value, String expected) {
    return Refusal.ofField(Fault.ON_BEHALF_OF_INVALID, ON_BEHALF_OF.name(), value, expected);
  }

  private static List<String> values(Metadata headers) {
    List<String> values = new ArrayList<>();
    @Nullable Iterable<String> all = headers.getAll(ON_BEHALF_OF);
    if (all != null) {
      all.forEach(values::add);
    }
    return values;
  }
}
