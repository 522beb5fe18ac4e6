package dev.modelgate.client.grpc;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.grpc.CallRules.Asked;
import dev.modelgate.client.grpc.CallRules.Asker;
import dev.modelgate.client.grpc.RequestMapper.Target;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Protection;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the sidecar before a prediction server handles a call, and fails closed.
 *
 * <p>The handler begins when the first message is allowed; each later message that names a model is
 * checked before it is passed on, in order, while at most one message waits. Nothing blocks. The
 * handler then runs on the executor that the {@link ModelgateClient} was given, which needs threads
 * of its own if handlers block, or on threads that come and go as those of a gRPC server. A
 * streaming call is cut as soon as what it was allowed by ends, or the sidecar is not heard any
 * more: its caller is told at once, and its handler that it was cancelled.
 *
 * <p>A refused call ends as UNAUTHENTICATED (nobody is proven to call), PERMISSION_DENIED (the
 * description is the reason, such as {@code NO_GRANT}), INVALID_ARGUMENT (the message can be read
 * in more than one way) or UNAVAILABLE (the sidecar did not answer), each with an ErrorInfo of the
 * domain {@code modelgate.dev}.
 */
public final class ModelgateInterceptor implements ServerInterceptor {
  private static final Logger LOGGER = LoggerFactory.getLogger(ModelgateInterceptor.class);
  private static final String HEALTH = "grpc.health.v1.Health";

  private static final int HANDLER_IDLE_SECONDS = 60;

  private final ModelgateClient client;
  private final CallRules rules;
  private final Executor handlers;

  private ModelgateInterceptor(ModelgateClient client, CallRules rules) {
    this.client = client;
    this.rules = rules;
    this.handlers = client.executor().orElseGet(ModelgateInterceptor::threads);
  }

  /**
   * An interceptor that goes by a protection document.
   *
   * @param client stays the caller's to close
   * @param principals of the same document, stay the caller's to close
   */
  public static ModelgateInterceptor of(
      ModelgateClient client, Protection protection, Principals principals) {
    return new ModelgateInterceptor(client, new DocumentRules(protection, principals));
  }

  /** A builder; the client stays the caller's to close. */
  public static Builder builder(
      ModelgateClient client, PrincipalExtractor extractor, RequestMapper mapper) {
    return new Builder(client, extractor, mapper);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (rules.passes(method)) {
      return next.startCall(call, headers);
    }
    CompletableFuture<Optional<Asker>> asker = rules.asker(headers, call.getAttributes());
    if (asker.isDone() && asker.join().isEmpty()) {
      LOGGER.debug("a call of `{}` proves no principal", method);
      Denial denial = Denial.unauthenticated();
      call.close(denial.status(), denial.trailers());
      return new ServerCall.Listener<>() {};
    }
    boolean isUnary = call.getMethodDescriptor().getType() == MethodType.UNARY;
    // The thread that has the answer to a check of its own is nobody else's.
    boolean isAlone = isUnary && !client.isPipelined() && asker.isDone();
    HeldCall<ReqT, RespT> held =
        new HeldCall<>(
            call,
            headers,
            next,
            isUnary
                ? (message, first) ->
                    asker.thenCompose(
                        proven -> verdict(proven, method, message, first, this::check))
                : new RunningJudge<>(
                    client,
                    asker,
                    (message, first, ask) ->
                        asker.thenCompose(proven -> verdict(proven, method, message, first, ask))),
            isAlone ? Runnable::run : handlers);
    held.start();
    return held;
  }

  /**
   * Completes with the denial, or empty if the message may pass; never exceptionally.
   *
   * @param ask answers the first answer that does not allow, or empty
   */
  private CompletableFuture<Optional<Denial>> verdict(
      Optional<Asker> proven,
      String method,
      Object message,
      boolean first,
      Function<List<Question>, CompletableFuture<Optional<Answer>>> ask) {
    if (proven.isEmpty() || !proven.get().until().isAfter(Instant.now())) {
      return CompletableFuture.completedFuture(Optional.of(Denial.unauthenticated()));
    }
    Asker asker = proven.get();
    Asked asked = rules.read(method, message, first);
    if (asked.denial().isPresent()) {
      return CompletableFuture.completedFuture(asked.denial());
    }
    try {
      List<Question> questions =
          asked.targets().stream().map(target -> question(asker, target)).toList();
      return ask.apply(questions).thenApply(answer -> answer.map(Denial::of));
    } catch (RuntimeException e) {
      LOGGER.warn("a request of `{}` could not be asked about", method, e);
      return CompletableFuture.completedFuture(Optional.of(Denial.unmapped()));
    }
  }

  /** As many as there are calls whose handlers block, as in a gRPC server; idle ones go away. */
  private static Executor threads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        HANDLER_IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, "modelgate-handler");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The first answer that does not allow, or empty. */
  private CompletableFuture<Optional<Answer>> check(List<Question> questions) {
    List<CompletableFuture<Answer>> answers = questions.stream().map(client::checkFuture).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                answers.stream()
                    .map(CompletableFuture::join)
                    .filter(answer -> !answer.allowed())
                    .findFirst());
  }

  private static Question question(Asker asker, Target target) {
    return new Question(
        asker.principal(), target.model(), target.action(), asker.actingThrough(), Map.of());
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
      return new ModelgateInterceptor(
          client, new ExtractedRules(extractor, mapper, exemptServices));
    }
  }
}
