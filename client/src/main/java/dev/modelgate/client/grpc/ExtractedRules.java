package dev.modelgate.client.grpc;

import dev.modelgate.client.grpc.RequestMapper.Target;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls judged by an extractor and a mapper that the server's author wrote. */
final class ExtractedRules implements CallRules {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExtractedRules.class);

  private final PrincipalExtractor extractor;
  private final RequestMapper mapper;
  private final Set<String> exemptServices;

  ExtractedRules(PrincipalExtractor extractor, RequestMapper mapper, Set<String> exemptServices) {
    this.extractor = extractor;
    this.mapper = mapper;
    this.exemptServices = Set.copyOf(exemptServices);
  }

  @Override
  public boolean passes(String method) {
    int slash = method.lastIndexOf('/');
    return exemptServices.contains(slash < 0 ? method : method.substring(0, slash));
  }

  @Override
  public CompletableFuture<Optional<Asker>> asker(Metadata headers, Attributes attributes) {
    Optional<Asker> asker = Optional.empty();
    try {
      asker =
          extractor
              .extract(headers, attributes)
              .filter(name -> !name.isEmpty())
              .map(name -> new Asker(name, List.of(), Instant.MAX));
    } catch (RuntimeException e) {
      LOGGER.warn("the principal of a call could not be extracted", e);
    }
    return CompletableFuture.completedFuture(asker);
  }

  @Override
  public Asked read(String method, Object message, boolean first) {
    List<Target> targets;
    try {
      targets = mapper.map(method, message);
    } catch (RuntimeException e) {
      LOGGER.warn("a request of `{}` could not be mapped", method, e);
      return Asked.denied(Denial.unmapped());
    }
    if (targets.isEmpty() && first) {
      LOGGER.debug("a request of `{}` names no model", method);
      return Asked.denied(Denial.unmapped());
    }
    return Asked.of(targets);
  }
}
