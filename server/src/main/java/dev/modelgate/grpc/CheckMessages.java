package dev.modelgate.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.ListActionsResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Converts the messages of the data plane. Names stay raw texts here: they are parsed where the
 * cache does not know them (see {@link Question}).
 */
final class CheckMessages {
  /** The longest action, in bytes. */
  static final int ACTION_BYTES_MAX = 64;

  /** The most bytes of any name that is looked at; longer ones cannot be canonical. */
  private static final int NAME_CHARS_MAX = 4_096;

  /**
   * Denials by reason, made once; profiles add a bounded number of reasons to the built-in ones.
   */
  private final Map<String, CheckResponse> denials = new ConcurrentHashMap<>();

  private static final int DENIALS_MAX = 256;

  /** The most of them that are kept with a revision. */
  private static final int REVISED = 1 << 10;

  /**
   * Whole answers as they were last written, by a hash of reason and revision: until an
   * organization changes, most of its answers are a few.
   */
  private final AtomicReferenceArray<@Nullable Revised> revised =
      new AtomicReferenceArray<>(REVISED);

  private static final CheckResponse ALLOW =
      CheckResponse.newBuilder().setDecision(Decision.DECISION_ALLOW).build();

  /**
   * Reads a question.
   *
   * @throws RefusedException INVALID_FIELD or LIMIT_EXCEEDED naming the field
   */
  Question question(CheckRequest request) {
    return question(request, Consistency.CURRENT, claims());
  }

  /**
   * The same for one of many questions of a call.
   *
   * @param otherwise how current the answer must be, when the question does not say
   * @param claims what the token of the call claims
   */
  Question question(CheckRequest request, Consistency otherwise, Claims claims) {
    return new Question(
        name("principal", request.getPrincipal()),
        name("model", request.getModel()),
        action(request.getAction()),
        chain(request.getActingThroughList()),
        request.hasConsistency() ? consistency(request.getConsistency()) : otherwise,
        ContextMessages.of(request).with(claims));
  }

  /** Reads the question behind a listing of actions; its action is empty. */
  Question question(ListActionsRequest request) {
    return new Question(
        name("principal", request.getPrincipal()),
        name("model", request.getModel()),
        "",
        chain(request.getActingThroughList()),
        request.hasConsistency() ? consistency(request.getConsistency()) : Consistency.CURRENT,
        ContextMessages.request(request.getContext(), request.getLinkSecret()).with(claims()));
  }

  /** Reads the name of an action. */
  static String action(String action) {
    if (action.isEmpty() || utf8Length(action) > ACTION_BYTES_MAX) {
      throw invalid("action", action, "1 to " + ACTION_BYTES_MAX + " bytes");
    }
    return action;
  }

  /** Reads how current an answer must be. On one machine every answer is current. */
  Consistency consistency(dev.modelgate.v1.Consistency wanted) {
    switch (wanted.getRequirementCase()) {
      case AT_LEAST -> {
        if (wanted.getAtLeast().isEmpty()) {
          throw Refusal.ofField(
                  Fault.REVISION_INVALID, "consistency.at_least", "", "a revision of an answer")
              .asException();
        }
        return new Consistency(wanted.getAtLeast());
      }
      case MAX_STALENESS -> {
        Duration staleness = wanted.getMaxStaleness();
        boolean valid =
            staleness.getSeconds() >= 0
                && staleness.getSeconds() <= 315_576_000_000L
                && staleness.getNanos() >= 0
                && staleness.getNanos() < 1_000_000_000;
        if (!valid) {
          throw invalid(
              "consistency.max_staleness",
              staleness.getSeconds() + "s",
              "a duration of zero or more");
        }
        return Consistency.CURRENT;
      }
      case MINIMIZE_LATENCY -> {
        requireTrue("consistency.minimize_latency", wanted.getMinimizeLatency());
        return Consistency.CURRENT;
      }
      case FULLY_CONSISTENT -> {
        requireTrue("consistency.fully_consistent", wanted.getFullyConsistent());
        return Consistency.CURRENT;
      }
      default -> {
        return Consistency.CURRENT;
      }
    }
  }

  /** Writes an answer. */
  CheckResponse response(Answer answer) {
    return isPlain(answer) ? revised(answer).response() : made(answer);
  }

  /** Writes an answer as the result of an item. */
  BatchCheckResult result(Answer answer) {
    return isPlain(answer)
        ? revised(answer).result()
        : BatchCheckResult.newBuilder().setResponse(made(answer)).build();
  }

  /** Whether a reason and a revision are all that there is to say. */
  private static boolean isPlain(Answer answer) {
    return answer.validUntilMicros() == Micros.NEVER
        && answer.missing().isEmpty()
        && answer.deniedLink().isEmpty();
  }

  /** A plain answer, written; its reason is empty when it is allowed. */
  private record Revised(
      String reason, String revision, CheckResponse response, BatchCheckResult result) {
    boolean says(Answer answer) {
      return reason.equals(answer.reason()) && revision.equals(answer.revision());
    }
  }

  private Revised revised(Answer answer) {
    int slot = 31 * answer.revision().hashCode() + answer.reason().hashCode();
    slot = (slot ^ slot >>> 16) & REVISED - 1;
    Revised known = revised.get(slot);
    if (known == null || !known.says(answer)) {
      CheckResponse response = made(answer);
      known =
          new Revised(
              answer.reason(),
              answer.revision(),
              response,
              BatchCheckResult.newBuilder().setResponse(response).build());
      revised.set(slot, known);
    }
    return known;
  }

  private CheckResponse made(Answer answer) {
    // As bytes, for one that is kept is encoded often.
    CheckResponse.Builder response =
        base(answer).toBuilder().setRevisionBytes(ByteString.copyFromUtf8(answer.revision()));
    if (answer.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(timestamp(answer.validUntilMicros()));
    }
    if (!answer.deniedLink().isEmpty()) {
      response.setDeniedLink(answer.deniedLink());
    }
    return response.build();
  }

  /** Writes a listing of actions. */
  ListActionsResponse response(Actions actions) {
    ListActionsResponse.Builder response =
        ListActionsResponse.newBuilder()
            .addAllActions(actions.actions())
            .setRevision(actions.revision());
    if (actions.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(timestamp(actions.validUntilMicros()));
    }
    return response.build();
  }

  private CheckResponse base(Answer answer) {
    if (answer.allowed()) {
      return ALLOW;
    }
    if (answer.reason().isEmpty()) {
      return CheckResponse.newBuilder()
          .setDecision(Decision.DECISION_CONDITIONAL)
          .addAllMissingAttributes(
              answer.missing().stream().filter(name -> !name.isEmpty()).sorted().limit(64).toList())
          .build();
    }
    return denial(answer.reason());
  }

  private CheckResponse denial(String reason) {
    CheckResponse made = denials.get(reason);
    if (made == null) {
      made =
          CheckResponse.newBuilder().setDecision(Decision.DECISION_DENY).setReason(reason).build();
      if (denials.size() < DENIALS_MAX) {
        denials.put(reason, made);
      }
    }
    return made;
  }

  /** What the token of the present call claims; nothing is made for the others. */
  static Claims claims() {
    Caller caller = CallerContext.KEY.get();
    return caller.groups().isEmpty()
        ? Claims.NONE
        : new Claims(
            caller.principal().orElseThrow().toString(),
            caller.organizations().orElseThrow(),
            caller.groups(),
            caller.expiresAtMicros());
  }

  private static List<String> chain(List<String> links) {
    if (links.isEmpty()) {
      return List.of();
    }
    if (links.size() > Question.LINKS_MAX) {
      throw limit("acting_through", links.size(), Question.LINKS_MAX);
    }
    for (String link : links) {
      name("acting_through", link);
    }
    return links;
  }

  private static String name(String field, String value) {
    if (value.isEmpty() || value.length() > NAME_CHARS_MAX) {
      String expected = field.equals("model") ? "the name of a resource" : "`kind:id`";
      throw invalid(field, value, expected + " of 1 to " + NAME_CHARS_MAX + " characters");
    }
    return value;
  }

  private static void requireTrue(String field, boolean value) {
    if (!value) {
      throw invalid(field, "false", "true, or another requirement");
    }
  }

  private static RefusedException limit(String field, int size, int limit) {
    return Refusal.ofSize(field, size, limit).asException();
  }

  private static Timestamp timestamp(long micros) {
    var time = Micros.toInstant(micros);
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private static int utf8Length(String text) {
    // Three bytes for a char are the most.
    return text.length() > ACTION_BYTES_MAX || text.length() <= ACTION_BYTES_MAX / 3
        ? text.length()
        : text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static RefusedException invalid(String field, String value, String expected) {
    return Refusal.ofField(Fault.INVALID_FIELD, field, value, expected).asException();
  }
}
