package dev.modelgate.gateway;

import dev.modelgate.client.Answer;
import dev.modelgate.client.Question;
import dev.modelgate.client.internal.RpcError;
import dev.modelgate.client.protect.MethodRule;
import dev.modelgate.client.protect.Outcome;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.Target;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets pass what a protection document leaves open, and what the sidecar allows to a proven caller.
 * Whatever goes wrong refuses.
 */
public final class ProtectedAdmission implements Admission {
  private static final Logger log = LoggerFactory.getLogger(ProtectedAdmission.class);

  private static final Refusal NOBODY =
      Refusal.of(Status.Code.UNAUTHENTICATED, "no authenticated principal", "UNAUTHENTICATED");

  private final Protection protection;
  private final Callers callers;
  private final HeaderStrip strip;
  private final Inflation inflation;
  private final Watches watches;
  private final Guard open;

  /**
   * @param watches asks the sidecar
   */
  public ProtectedAdmission(
      Protection protection,
      Callers callers,
      HeaderStrip strip,
      Inflation inflation,
      Watches watches) {
    this.protection = protection;
    this.callers = callers;
    this.strip = strip;
    this.inflation = inflation;
    this.watches = watches;
    this.open = new Open();
  }

  @Override
  public Verdict admit(String method, Metadata headers, Attributes connection) {
    Optional<MethodRule> rule = protection.method(method);
    if (rule.isEmpty()) {
      return new Verdict.Refuses(Refusal.unmapped("no rule for the method"));
    }
    if (rule.get().isOpen()) {
      return new Verdict.Asks(open);
    }
    CompletableFuture<Optional<Callers.Who>> who = who(headers, connection);
    if (who.isDone() && who.join().isEmpty()) {
      return new Verdict.Refuses(NOBODY);
    }
    return new Verdict.Asks(new Checked(rule.get(), who, Encodings.encoding(headers)));
  }

  /** Never fails. */
  private CompletableFuture<Optional<Callers.Who>> who(Metadata headers, Attributes connection) {
    try {
      return callers
          .who(headers, connection)
          .exceptionally(
              failure -> {
                log.warn("the principal of a call could not be read", failure);
                return Optional.empty();
              });
    } catch (RuntimeException e) {
      log.warn("the principal of a call could not be read", e);
      return CompletableFuture.completedFuture(Optional.empty());
    }
  }

  /** As the sidecar answered. */
  static Optional<Refusal> refusal(Answer answer) {
    if (answer.allowed()) {
      return Optional.empty();
    }
    // A question that is refused helps nobody to ask again; one that was not answered might.
    if (answer.cause().isPresent()
        && RpcError.of(answer.cause().get()).code() != Status.Code.INVALID_ARGUMENT) {
      return Optional.of(Refusal.unavailable());
    }
    String reason = answer.reason().isEmpty() ? answer.outcome().name() : answer.reason();
    return Optional.of(Refusal.of(Status.Code.PERMISSION_DENIED, reason, reason));
  }

  /** Nothing is asked, but what is not for the upstream is taken out all the same. */
  private final class Open implements Guard {
    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void strip(Metadata headers) {
      strip.apply(headers);
    }

    @Override
    public CompletableFuture<Optional<Refusal>> judge(Message message) {
      return PASSES;
    }
  }

  /** Every message is read and asked for. */
  private final class Checked implements Guard {
    private final MethodRule rule;
    private final CompletableFuture<Optional<Callers.Who>> who;
    private final Optional<String> encoding;
    private final Watches.Watch watch;

    Checked(
        MethodRule rule, CompletableFuture<Optional<Callers.Who>> who, Optional<String> encoding) {
      this.rule = rule;
      this.who = who;
      this.encoding = encoding;
      this.watch = watches.begin();
    }

    @Override
    public void strip(Metadata headers) {
      strip.apply(headers);
    }

    @Override
    public CompletableFuture<Optional<Refusal>> judge(Message message) {
      if (message.isCompressed()) {
        return inflation.read(message, encoding.orElse(""), rule, this::judge);
      }
      try {
        return judge(message.<Outcome>look(rule::read));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private CompletableFuture<Optional<Refusal>> judge(Outcome outcome) {
      if (outcome instanceof Outcome.Targets targets) {
        return who.isDone()
            ? ask(who.join(), targets.targets())
            : who.thenCompose(proven -> ask(proven, targets.targets()));
      }
      if (outcome instanceof Outcome.Malformed malformed) {
        return refused(Refusal.malformed(malformed.why()));
      }
      return refused(
          Refusal.unmapped(
              outcome instanceof Outcome.Unmapped unmapped
                  ? unmapped.why()
                  : "the request names no model"));
    }

    private CompletableFuture<Optional<Refusal>> ask(
        Optional<Callers.Who> proven, List<Target> targets) {
      if (proven.isEmpty()) {
        return refused(NOBODY);
      }
      Callers.Who caller = proven.get();
      List<Question> questions = new ArrayList<>(targets.size());
      for (Target target : targets) {
        questions.add(
            new Question(
                caller.principal(),
                target.resource(),
                target.action(),
                caller.actingThrough(),
                Map.of()));
      }
      return watch
          .ask(questions, caller.until())
          .thenApply(denied -> denied.flatMap(ProtectedAdmission::refusal));
    }

    private static CompletableFuture<Optional<Refusal>> refused(Refusal refusal) {
      return CompletableFuture.completedFuture(Optional.of(refusal));
    }

    @Override
    public void begun(Consumer<Refusal> cut) {
      watch.begun(cut);
    }

    @Override
    public void end() {
      watch.end();
    }
  }
}
