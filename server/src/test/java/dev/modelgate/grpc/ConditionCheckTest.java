package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.ConditionPlane.CLEO;
import static dev.modelgate.grpc.ConditionPlane.context;
import static dev.modelgate.grpc.ConditionPlane.question;
import static dev.modelgate.grpc.ConditionPlane.said;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conditions of grants and what a check brings along, through the wire. */
final class ConditionCheckTest {
  private static final Struct NOTHING = Struct.getDefaultInstance();

  private final ConditionPlane bed = new ConditionPlane();

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void condition_byTheContext_allowsDeniesOrNamesWhatIsMissing() {
    bed.share(CLEO, "user", "context.level >= 3 && context.device.trusted");
    Struct trusted = context("device", context("trusted", true));
    Struct level = context("level", 3);
    assertEquals("ALLOW", bed.predict(trusted.toBuilder().mergeFrom(level).build()));
    assertEquals(
        "NO_GRANT", bed.predict(trusted.toBuilder().mergeFrom(context("level", 2)).build()));
    assertEquals("NO_GRANT", bed.predict(context("level", 2)));
    assertEquals("CONDITIONAL [device.trusted]", bed.predict(level));
    assertEquals("CONDITIONAL [level]", bed.predict(trusted));
    assertEquals("CONDITIONAL [device.trusted, level]", bed.predict(NOTHING));
  }

  @Test
  void condition_thatErrs_neverAllows() {
    bed.share(CLEO, "user", "context.level > 3");
    assertEquals("NO_GRANT", bed.predict(context("level", "high")));
    assertEquals(
        "NO_GRANT",
        bed.predict(
            context("level", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())));
    assertEquals("NO_GRANT", bed.predict(context("level", context("a", true))));
    bed.share(CLEO, "runner", "1 / 0 == 1 || context.go");
    assertEquals("ALLOW", bed.predict(context("go", true)));
    assertEquals(
        "NO_GRANT",
        bed.predict(context("go", false).toBuilder().putFields("level", number(0)).build()));
  }

  @Test
  void denyRule_thatErrs_deniesAndOneThatLacksAttributesAllowsNothing() {
    bed.share(CLEO, "user", "");
    bed.deny("predict", "context.level > 3");
    assertEquals("ALLOW", bed.predict(context("level", 3)));
    assertEquals("DENY_RULE", bed.predict(context("level", 4)));
    assertEquals("DENY_RULE", bed.predict(context("level", "high")));
    assertEquals("CONDITIONAL [level]", bed.predict(NOTHING));
    assertEquals("ALLOW", bed.check(CLEO, "discover", NOTHING));
  }

  @Test
  void attributes_ofAGrantAndOfADenyRule_areNamedTogether() {
    bed.share(CLEO, "user", "context.go");
    bed.deny("predict", "context.level > 3");
    assertEquals("CONDITIONAL [go, level]", bed.predict(NOTHING));
    assertEquals("CONDITIONAL [go]", bed.predict(context("level", 3)));
    assertEquals("DENY_RULE", bed.predict(context("level", 4)));
    assertEquals("NO_GRANT", bed.predict(context("go", false)));
  }

  @Test
  void attributes_thatTheActionDoesNotTurnOn_areNotNamed() {
    bed.share(CLEO, "runner", "context.ticket != \"\"");
    bed.share(CLEO, "auditor", "context.audit");
    assertEquals("CONDITIONAL [ticket]", bed.predict(NOTHING));
    assertEquals("CONDITIONAL [audit]", bed.check(CLEO, "grants.read", NOTHING));
    assertEquals("NO_GRANT", bed.check(CLEO, "train", NOTHING));
  }

  @Test
  void grants_oneOfThemConditional_countTogether() {
    bed.share(CLEO, "viewer", "");
    bed.share(CLEO, "user", "context.go");
    assertEquals("ALLOW", bed.check(CLEO, "get", NOTHING));
    assertEquals("CONDITIONAL [go]", bed.predict(NOTHING));
    assertEquals("ACCESS", bed.predict(context("go", false)));
    bed.share(CLEO, "user", "");
    assertEquals("ALLOW", bed.predict(context("go", false)));
  }

  @Test
  void contexts_ofTheSameCaller_neverMix() {
    bed.share(CLEO, "user", "context.go");
    assertEquals("CONDITIONAL [go]", bed.predict(NOTHING));
    int before = bed.hits.get();
    for (int i = 0; i < 100; i++) {
      assertEquals("ALLOW", bed.predict(context("go", true)));
      assertEquals("NO_GRANT", bed.predict(context("go", false)));
      assertEquals("CONDITIONAL [go]", bed.predict(NOTHING));
    }
    assertEquals(600, bed.hits.get() - before, "hits of the cache");
  }

  @Test
  void access_withMoreConditionsThanTheCacheTakes_isEvaluatedEachTime() {
    for (int i = 1; i <= 17; i++) {
      bed.share(CLEO, "user", "context.n == " + i);
      int before = bed.hits.get();
      assertEquals("CONDITIONAL [n]", bed.predict(NOTHING));
      assertEquals("ALLOW", bed.predict(context("n", i)));
      assertEquals("NO_GRANT", bed.predict(context("n", 0)));
      assertEquals(i <= 16 ? 5 : 0, bed.hits.get() - before, "hits with " + i);
    }
  }

  @Test
  void access_underALongCondition_weighsAsMuchInTheCache() {
    bed.share(CLEO, "user", "true");
    assertEquals("ALLOW", bed.predict(NOTHING));
    long before = bed.cachedBytes();
    bed.share(CLEO, "user", "true || context.s == \"" + "x".repeat(900) + "\"");
    assertEquals("ALLOW", bed.predict(NOTHING));
    assertTrue(bed.cachedBytes() - before > 900, () -> before + " and " + bed.cachedBytes());
  }

  @Test
  void condition_ofSeveralGrants_isOne() {
    bed.share(CLEO, "viewer", "context.go");
    bed.share(CLEO, "runner", "context.go");
    assertEquals("CONDITIONAL [go]", bed.predict(NOTHING));
    assertEquals("CONDITIONAL [go]", bed.check(CLEO, "get", NOTHING));
    assertEquals("ALLOW", bed.check(CLEO, "get", context("go", true)));
    assertEquals("ALLOW", bed.predict(context("go", true)));
  }

  @Test
  void time_thatPasses_endsAGrantAlsoInTheCache() {
    Instant end = ConditionPlane.BEGIN.plus(Duration.ofHours(1));
    bed.share(CLEO, "user", "request.time < timestamp(\"" + end + "\")");
    assertEquals("ALLOW", bed.predict(NOTHING));
    CheckResponse answer = bed.data().check(question(CLEO, "predict", NOTHING));
    assertEquals(ConditionPlane.BEGIN.getEpochSecond(), answer.getValidUntil().getSeconds());
    bed.now.set(end.minusNanos(1_000));
    assertEquals("ALLOW", bed.predict(NOTHING));
    int before = bed.hits.get();
    bed.now.set(end);
    assertEquals("NO_GRANT", bed.predict(NOTHING));
    assertEquals(2, bed.hits.get() - before, "hits of the cache");
  }

  @Test
  void answer_thatTurnsOnNoTime_hasNoEnd() {
    bed.share(CLEO, "user", "context.go");
    CheckResponse answer = bed.data().check(question(CLEO, "predict", context("go", true)));
    assertFalse(answer.hasValidUntil(), answer::toString);
  }

  @Test
  void condition_overTheResource_takesTheOneThatIsAskedAbout() {
    bed.plane.resource(PROD + "/models/churn");
    bed.plane
        .admin()
        .updateGrants(
            ConditionPlane.update(
                    ConditionPlane.change(
                        CLEO,
                        "user",
                        "resource.type == \"models\" && resource.name.endsWith(\"/fraud\")"))
                .toBuilder()
                .setResource(PROD)
                .build());
    assertEquals("ALLOW", bed.predict(NOTHING));
    var churn = question(CLEO, "predict", NOTHING).toBuilder();
    assertEquals(
        "NO_GRANT", said(bed.data().check(churn.setModel(PROD + "/models/churn").build())));
    assertEquals("NO_GRANT", said(bed.data().check(churn.setModel(FRAUD + "/versions/1").build())));
  }

  @Test
  void chain_withAConditionOnOneLink_isAskedLinkByLink() {
    bed.plane.principal("serviceAccount:scorer");
    bed.share(CLEO, "user", "principal.startsWith(\"user:\")");
    bed.share(
        "serviceAccount:scorer", "runner", "principal == \"serviceAccount:scorer\" && context.go");
    var request =
        question(CLEO, "predict", NOTHING).toBuilder().addActingThrough("serviceAccount:scorer");
    assertEquals("CONDITIONAL [go]", said(bed.data().check(request.build())));
    assertEquals("ALLOW", said(bed.data().check(request.setContext(context("go", true)).build())));
    CheckResponse denied = bed.data().check(request.setContext(context("go", false)).build());
    assertEquals("NO_GRANT", said(denied));
    assertEquals("serviceAccount:scorer", denied.getDeniedLink());
  }

  @Test
  void batch_withOneContextPerItem_answersEachByItsOwn() {
    bed.share(CLEO, "user", "context.go");
    BatchCheckResponse answers =
        bed.data()
            .batchCheck(
                BatchCheckRequest.newBuilder()
                    .addItems(question(CLEO, "predict", context("go", true)))
                    .addItems(question(CLEO, "predict", NOTHING))
                    .addItems(question(CLEO, "predict", context("go", false)))
                    .build());
    assertEquals(
        List.of("ALLOW", "CONDITIONAL [go]", "NO_GRANT"),
        answers.getResultsList().stream().map(result -> said(result.getResponse())).toList());
  }

  @Test
  void stream_withAContext_answersByIt() throws Exception {
    bed.share(CLEO, "user", "context.go");
    CompletableFuture<String> answer = new CompletableFuture<>();
    StreamObserver<StreamCheckRequest> stream =
        bed.async()
            .streamCheck(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamCheckResponse response) {
                    answer.complete(said(response.getResponse()));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    stream.onNext(
        StreamCheckRequest.newBuilder()
            .setId(1)
            .setCheck(question(CLEO, "predict", context("go", true)))
            .build());
    assertEquals("ALLOW", answer.get(30, TimeUnit.SECONDS));
    stream.onCompleted();
  }

  @Test
  void actions_withAContext_areThoseThatCheckAllows() {
    bed.share(CLEO, "viewer", "");
    bed.share(CLEO, "user", "context.go");
    assertEquals(List.of("discover", "get", "get_use"), actions(NOTHING));
    assertEquals(List.of("discover", "get", "get_use", "predict"), actions(context("go", true)));
    assertEquals(List.of("discover", "get", "get_use"), actions(context("go", false)));
  }

  private List<String> actions(Struct context) {
    return bed.data()
        .listActions(
            ListActionsRequest.newBuilder()
                .setPrincipal(CLEO)
                .setModel(FRAUD)
                .setContext(context)
                .build())
        .getActionsList();
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
