package dev.modelgate.grpc;

import static dev.modelgate.fuzz.FuzzTarget.require;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.check.Question;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Questions of Check against an organization in which ana owns all there is: whatever is asked,
 * nobody else is ever allowed anything, nor she outside of it.
 */
public final class CheckTarget implements FuzzTarget {
  private static final Set<Fault> DEFECTS = Set.of(Fault.INTERNAL, Fault.STORE_DAMAGED);

  private final CheckMessages messages = new CheckMessages();
  private @Nullable CachingAuthorizer authorizer;

  @Override
  public void read(byte[] input) throws Exception {
    CheckRequest request;
    Question question;
    try {
      request = CheckRequest.parseFrom(input);
      question = messages.question(request);
    } catch (InvalidProtocolBufferException | RefusedException e) {
      return;
    }
    Outcome outcome = new Outcome();
    authorizer().check(question, outcome);
    CheckResponse response = outcome.response.get(20, TimeUnit.SECONDS);
    if (response.getDecision() == Decision.DECISION_ALLOW) {
      require(request.getPrincipal().equals(AdminPlane.ANA), "only the owner is allowed");
      require(request.getModel().startsWith("organizations/acme"), "only what is hers");
      require(request.getActingThroughCount() == 0, "nobody acts for her");
    }
  }

  private CachingAuthorizer authorizer() {
    CachingAuthorizer made = authorizer;
    if (made == null) {
      AdminPlane plane = new AdminPlane().withAcme();
      made =
          new CachingAuthorizer(
              plane.live,
              plane.stamps,
              plane.clock,
              CheckOptions.DEFAULT,
              new CelConditions(),
              Telemetry.NONE);
      authorizer = made;
    }
    return made;
  }

  private final class Outcome implements AnswerSink {
    private final CompletableFuture<CheckResponse> response = new CompletableFuture<>();

    @Override
    public void answered(Answer answer) {
      response.complete(messages.response(answer));
    }

    @Override
    public void refused(Refusal refusal) {
      if (DEFECTS.contains(refusal.fault())) {
        response.completeExceptionally(new IllegalStateException(refusal.message()));
      } else {
        response.complete(CheckResponse.getDefaultInstance());
      }
    }
  }
}
