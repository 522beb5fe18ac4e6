package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.ConditionPlane.CLEO;
import static dev.modelgate.grpc.ConditionPlane.context;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.model.Fault;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a check may bring along, and how conditions see it, through the wire. */
final class ConditionContextTest {
  private final ConditionPlane bed = new ConditionPlane();

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void context_beyondItsBounds_isRefusedBeforeAnythingElse() {
    for (int bytes : List.of(64 << 10, 1 << 20)) {
      refused(Fault.LIMIT_EXCEEDED, "context", () -> bed.predict(context("x", "x".repeat(bytes))));
    }
    refused(Fault.INVALID_FIELD, "context", () -> bed.predict(nested(33)));
    refused(
        Fault.INVALID_FIELD,
        "context",
        () -> bed.predict(context("x", Value.getDefaultInstance())));
    Struct list =
        context(
            "x",
            Value.newBuilder()
                .setListValue(ListValue.newBuilder().addValues(Value.getDefaultInstance()))
                .build());
    refused(Fault.INVALID_FIELD, "context", () -> bed.predict(list));
  }

  @Test
  void context_withinItsBounds_isEvaluated() {
    bed.share(CLEO, "user", "size(context.x) > 65000 || has(context.a.a)");
    assertEquals("ALLOW", bed.predict(context("x", "x".repeat(65_500))));
    assertEquals("ALLOW", bed.predict(nested(32)));
  }

  private static Struct nested(int levels) {
    Struct struct = context("a", true);
    for (int i = 1; i < levels; i++) {
      struct = context("a", struct);
    }
    return struct;
  }

  @Test
  void context_withEveryKindOfValue_isSeenAsItIs() {
    bed.share(
        CLEO,
        "user",
        "context.l == [1, \"a\", true, null, {\"k\": 2.5}] && context.n == null"
            + " && context.m.k == false && context.t == \"x\" && !has(context.z)");
    Value k =
        Value.newBuilder().setStructValue(Struct.newBuilder().putFields("k", number(2.5))).build();
    ListValue list =
        ListValue.newBuilder()
            .addValues(number(1))
            .addValues(Value.newBuilder().setStringValue("a"))
            .addValues(Value.newBuilder().setBoolValue(true))
            .addValues(Value.newBuilder().setNullValue(NullValue.NULL_VALUE))
            .addValues(k)
            .build();
    Struct.Builder context =
        Struct.newBuilder()
            .putFields("l", Value.newBuilder().setListValue(list).build())
            .putFields("n", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
            .putAllFields(context("m", context("k", false)).getFieldsMap())
            .putAllFields(context("t", "x").getFieldsMap());
    assertEquals("ALLOW", bed.predict(context.build()));
    assertEquals("NO_GRANT", bed.predict(context.putFields("z", number(0)).build()));
    assertTrue(bed.hits.get() > 0);
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
