package dev.modelgate.proxy;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.client.protect.CredentialSource;
import dev.modelgate.client.protect.Outcome;
import dev.modelgate.client.protect.PrincipalRules;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.Target;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on requests that proxies tell of, by the protection document: what a request asks for,
 * who asks, and whether he may. Thread-safe; never blocks.
 *
 * <p>Invariant: a request passes only when its rule is open, or when somebody is proven and every
 * model that the request names is allowed to him. Whatever fails is a refusal.
 */
public final class Gate implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gate.class);

  private final Requests requests;
  private final Proofs proofs;
  private final Authorizer authorizer;
  private final AuditTrail trail;
  private final boolean needsCertificates;
  private final String challenge;

  /**
   * Decides by a document.
   *
   * @param authenticator proves tokens and certificates, by the sidecar's own issuers and rules
   * @param trail is told of who could not be proven
   * @throws dev.modelgate.client.protect.ProtectionException when it does not say who asks
   */
  public static Gate of(
      Protection protection,
      Authorizer authorizer,
      Authenticator authenticator,
      MonotoneClock clock,
      AuditTrail trail) {
    return new Gate(
        protection,
        new Proofs(
            Principals.inTheSidecar(protection),
            organization(protection.parent()),
            authenticator,
            clock),
        authorizer,
        trail);
  }

  /** Decides by that document. */
  Gate(Protection protection, Proofs proofs, Authorizer authorizer, AuditTrail trail) {
    this.requests = new Requests(protection);
    PrincipalRules rules = protection.principals();
    this.needsCertificates =
        Stream.concat(rules.principal().stream(), rules.actingThrough().stream())
            .anyMatch(CredentialSource.Certificate.class::isInstance);
    this.challenge = rules.challenge();
    this.proofs = proofs;
    this.authorizer = authorizer;
    this.trail = trail;
  }

  /**
   * The proxy that asks.
   *
   * @param credential what it was authenticated by, {@code none} for nothing
   * @param peer its address, for people
   * @param asking what it may ask
   * @param turn with whom it takes turns for the store
   * @param isCancelled whether nobody waits for the verdict any longer
   */
  public record Asker(
      String credential, String peer, Asking asking, Object turn, BooleanSupplier isCancelled) {
    boolean isAuthenticated() {
      return !credential.equals(Caller.UNAUTHENTICATED.credential());
    }
  }

  /** Takes the one outcome, on the asking thread or one of those that verify tokens and read. */
  public interface Sink {
    /** What the proxy is to do with the request. */
    void decided(Verdict verdict);

    /** The proxy itself may not ask that: NOT_PERMITTED. */
    void refused(RefusedException refusal);
  }

  /** The rules of the document that a proxy without the body cannot keep (hazard 38). */
  public List<String> beyondTheHead() {
    return requests.beyondTheHead();
  }

  /** Whether who asks is proven by the certificate of his connection, which some proxies keep. */
  public boolean needsCertificates() {
    return needsCertificates;
  }

  /** What a 401 over HTTP has in {@code WWW-Authenticate}. */
  public String challenge() {
    return challenge;
  }

  /** Verifies no more tokens. */
  @Override
  public void close() {
    proofs.close();
  }

  /** Decides on a request. */
  public void decide(ProxiedRequest request, Asker asker, Sink sink) {
    Outcome asked = requests.read(request);
    if (asked instanceof Outcome.Open) {
      sink.decided(Verdict.open());
    } else if (asked instanceof Outcome.Malformed malformed) {
      sink.decided(Verdict.malformed(malformed.why()));
    } else if (asked instanceof Outcome.Targets targets) {
      var unused =
          proofs
              .of(request)
              .handle(
                  (who, failure) -> {
                    ask(targets, who, failure, asker, sink);
                    return null;
                  });
    } else {
      sink.decided(Verdict.unmapped(asked instanceof Outcome.Unmapped no ? no.why() : "no rule"));
    }
  }

  private void ask(
      Outcome.Targets targets,
      @Nullable Proven who,
      @Nullable Throwable failure,
      Asker asker,
      Sink sink) {
    if (who == null) {
      sink.decided(unproven(targets.targets().get(0), failure, asker));
      return;
    }
    try {
      bound(targets.targets(), who, asker.asking());
      TargetChecks checks = new TargetChecks(targets.targets(), who, asker, sink);
      checks.begin(authorizer);
    } catch (RefusedException e) {
      sink.refused(e);
    } catch (RuntimeException e) {
      log.error("a check for a proxy failed", e);
      sink.decided(Verdict.unavailable());
    }
  }

  /** Refuses what the proxy may not ask, before anything is looked up. */
  private static void bound(List<Target> targets, Proven who, Asking asking) {
    if (!asking.isFree()) {
      List<String> principals = new ArrayList<>(who.actingThrough());
      principals.add(who.principal());
      for (Target target : targets) {
        asking.require(organization(target.resource()), principals);
      }
    }
  }

  /** Resources of a protection document are whole names, which begin with their organization. */
  private static String organization(String resource) {
    return resource.split("/", 3)[1];
  }

  private Verdict unproven(Target target, @Nullable Throwable failure, Asker asker) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof RefusedException refused
        && refused.refusal().fault() == Fault.UNAUTHENTICATED) {
      trail.record(
          TrailEvent.of(TrailEvent.Kind.LOGIN_FAILURE, Fault.UNAUTHENTICATED.name())
              .by(asker.isAuthenticated() ? asker.credential() : "", "", asker.peer())
              .through("proxied request")
              .on(organization(target.resource()), target.resource())
              .changing(Map.of(), refused.refusal().metadata())
              .build());
      return Verdict.unauthenticated();
    }
    if (!(cause instanceof RefusedException)) {
      log.error("whoever asks a proxy could not be found out", cause);
    }
    return Verdict.unavailable();
  }
}
