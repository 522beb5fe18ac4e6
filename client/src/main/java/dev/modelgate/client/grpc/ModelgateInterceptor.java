package dev.modelgate.client.grpc;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.grpc.RequestMapper.Target;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the sidecar before a prediction server handles a call, and fails closed.
 *
 * <p>The handler begins when the first message is allowed; each later message that names a model is
 * checked before it is passed on, in order, while at most one message waits. Nothing blocks. The
 * handler then runs on the executor of the {@link ModelgateClient}: give that one threads of its
 * own if handlers block.
 *
 * <p>A refused call ends as UNAUTHENTICATED (nobody is proven to call), PERMISSION_DENIED (the
 * description is the reason, such as {@code NO_GRANT}) or UNAVAILABLE (the sidecar did not answer),
 * each with an ErrorInfo of the domain {@code modelgate.dev}.
 */
public final class ModelgateInterceptor implements ServerInterceptor {
  private static final Logger LOGGER = LoggerFactory.getLogger(ModelgateInterceptor.class);
  private static final String HEALTH = "grpc.health.v1.Health";

  private final ModelgateClient client;
  private final PrincipalExtractor extractor;
  private final RequestMapper mapper;
  private final Set<String> exemptServices;

  private ModelgateInterceptor(Builder builder) {
    this.client = builder.client;
    this.extractor = builder.extractor;
    this.mapper = builder.mapper;
    this.exemptServices = Set.copyOf(builder.exemptServices);
  }

  /** A builder; the client stays the caller's to close. */
  public static Builder builder(
      ModelgateClient client, PrincipalExtractor extractor, RequestMapper mapper) {
    return new Builder(client, extractor, mapper);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    if (exemptServices.contains(service)) {
      return next.startCall(call, headers);
    }
    Optional<String> principal = principal(call, headers);
    if (principal.isEmpty()) {
      LOGGER.debug(
          "a call of `{}` proves no principal", call.getMethodDescriptor().getFullMethodName());
      Denial denial = Denial.unauthenticated();
      call.close(denial.status(), denial.trailers());
      return new ServerCall.Listener<>() {};
    }
    String method = call.getMethodDescriptor().getFullMethodName();
    HeldCall<ReqT, RespT> held =
        new HeldCall<>(
            call,
            headers,
            next,
            (message, first) -> verdict(principal.get(), method, message, first));
    held.start();
    return held;
  }

  private Optional<String> principal(ServerCall<?, ?> call, Metadata headers) {
    try {
      return extractor.extract(headers, call.getAttributes()).filter(name -> !name.isEmpty());
    } catch (RuntimeException e) {
      LOGGER.warn("the principal of a call could not be extracted", e);
      return Optional.empty();
    }
  }

  /** Completes with the denial, or empty if the message may pass; never exceptionally. */
  private CompletableFuture<Optional<Denial>> verdict(
      String principal, String method, Object message, boolean first) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    try {
      List<Target> targets = mapper.map(method, message);
      if (targets.isEmpty() && first) {
        LOGGER.debug("a request of `{}` names no model", method);
        return CompletableFuture.completedFuture(Optional.of(Denial.unmapped()));
      }
      for (Target target : targets) {
        answers.add(client.checkFuture(Question.of(principal, target.model(), target.action())));
      }
    } catch (RuntimeException e) {
      LOGGER.warn("a request of `{}` could not be mapped", method, e);
      return CompletableFuture.completedFuture(Optional.of(Denial.unmapped()));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                answers.stream()
                    .map(CompletableFuture::join)
                    .filter(answer -> !answer.allowed())
                    .findFirst()
                    .map(Denial::of));
  }

  /** Settings of an interceptor. Not safe for concurrent use. */
  public static final class Builder {
    private final ModelgateClient client;
    private final PrincipalExtractor extractor;
    private final RequestMapper mapper;
    private final Set<String> exemptServices = new HashSet<>(Set.of(HEALTH));

    private Builder(ModelgateClient client, PrincipalExtractor extractor, RequestMapper mapper) {
      this.client = client;
      this.extractor = extractor;
      this.mapper = mapper;
    }

    /** Whether the standard health service passes unasked. Default: true. */
    public Builder allowHealth(boolean allow) {
      boolean unused = allow ? exemptServices.add(HEALTH) : exemptServices.remove(HEALTH);
      return this;
    }

    /** A service that passes unasked, by its full name. Default: none but health. */
    public Builder exemptService(String service) {
      exemptServices.add(service);
      return this;
    }

    /** Makes the interceptor. */
    public ModelgateInterceptor build() {
      return new ModelgateInterceptor(this);
    }
  }
}
