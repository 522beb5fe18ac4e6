package dev.modelgate.client.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.modelgate.client.grpc.RequestMapper.Target;
import dev.modelgate.client.protect.MethodRule;
import dev.modelgate.client.protect.Outcome;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Proof;
import dev.modelgate.client.protect.Protection;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls judged by a protection document.
 *
 * <p>A parsed message is the one that the handler gets, and is read by its descriptor; one that is
 * bytes to the handler, too, is scanned. Each message of a stream names its models by itself.
 */
final class DocumentRules implements CallRules {
  private static final Logger LOGGER = LoggerFactory.getLogger(DocumentRules.class);

  private final Protection protection;
  private final Principals principals;
  private final CallCredentials credentials;

  DocumentRules(Protection protection, Principals principals) {
    this.protection = protection;
    this.principals = principals;
    this.credentials = CallCredentials.of(principals);
  }

  @Override
  public boolean passes(String method) {
    Optional<MethodRule> rule = protection.method(method);
    return rule.isPresent() && rule.get().isOpen();
  }

  @Override
  public CompletableFuture<Optional<Asker>> asker(Metadata headers, Attributes attributes) {
    return principals
        .prove(credentials.read(headers, attributes))
        .thenApply(
            proof -> {
              if (proof instanceof Proof.Proven proven) {
                return Optional.of(
                    new Asker(proven.principal(), proven.actingThrough(), proven.until()));
              }
              LOGGER.debug("a call proves no principal: {}", proof);
              return Optional.empty();
            });
  }

  @Override
  public Asked read(String method, Object message, boolean first) {
    Optional<MethodRule> rule = protection.method(method);
    if (rule.isEmpty()) {
      return Asked.denied(Denial.unmapped());
    }
    Outcome outcome = read(rule.get(), message);
    if (outcome instanceof Outcome.Targets asked) {
      List<Target> targets = new ArrayList<>(asked.targets().size());
      asked.targets().forEach(each -> targets.add(new Target(each.resource(), each.action())));
      return Asked.of(targets);
    }
    if (outcome instanceof Outcome.Open) {
      return Asked.of(List.of());
    }
    LOGGER.debug("a request of `{}` is refused: {}", method, outcome);
    return Asked.denied(
        outcome instanceof Outcome.Malformed malformed
            ? Denial.malformed(malformed.why())
            : Denial.unmapped());
  }

  private static Outcome read(MethodRule rule, Object message) {
    if (message instanceof Message parsed) {
      return rule.read(parsed);
    }
    if (message instanceof byte[] bytes) {
      return rule.read(ByteBuffer.wrap(bytes));
    }
    if (message instanceof ByteString bytes) {
      return rule.read(bytes.asReadOnlyByteBuffer());
    }
    if (message instanceof ByteBuffer bytes) {
      return rule.read(bytes);
    }
    return new Outcome.Unmapped("the message is neither parsed nor bytes");
  }
}
