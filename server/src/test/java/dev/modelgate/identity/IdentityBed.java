package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.config.YamlNodes;
import dev.modelgate.model.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** An identity adapter with clocks that a test sets, and a bootstrap token {@code bootstrap}. */
final class IdentityBed implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  final SetClock clock = new SetClock(NOW);
  final AtomicLong nanos = new AtomicLong(1);
  final Identity identity;

  /** Reads an identity file. */
  IdentityBed(String yaml) {
    identity =
        new Identity(
            new FixedToken("bootstrap"),
            IdentitySettings.read(YamlNodes.parse(yaml).fields(IdentitySettings.KEYS)),
            new MonotoneClock(clock),
            Telemetry.NONE,
            nanos::get,
            Duration.ofSeconds(2));
  }

  /** One issuer, with more lines of its entry. */
  static IdentityBed of(TestIssuer issuer, String... more) {
    StringBuilder yaml =
        new StringBuilder(
            "issuers:\n- id: kc\n  issuer: "
                + issuer.issuer()
                + "\n  audience: modelgate\n  organizations: acme\n");
    for (String line : more) {
      yaml.append("  ").append(line).append('\n');
    }
    return new IdentityBed(yaml.toString());
  }

  /** Time passes for keys. */
  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  Caller caller(String token) {
    try {
      return identity.bearer(token).get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The problem that a token is refused for. */
  String problem(String token) {
    RuntimeException e = assertThrows(RuntimeException.class, () -> caller(token));
    Throwable cause = e instanceof CompletionException ? e.getCause() : e;
    return assertInstanceOf(RefusedException.class, cause)
        .refusal()
        .metadata()
        .getOrDefault("problem", "none");
  }

  @Override
  public void close() {
    identity.close();
  }
}
