package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.ErrorReason;
import dev.modelgate.v1.ItemError;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WireConverterTest {

  @Test
  void itemError_withReason_isADenialOfThatReason() {
    Answer answer =
        WireConverter.toAnswer(
            ItemError.newBuilder()
                .setCode(3)
                .setReason(ErrorReason.ERROR_REASON_INVALID_FIELD)
                .setMessage("principal is malformed")
                .build());
    assertFalse(answer.allowed());
    assertEquals("INVALID_FIELD", answer.reason());
    assertTrue(answer.cause().orElseThrow().toString().contains("principal is malformed"));
  }

  @Test
  void itemError_withUnknownReason_isADenialOfItsCode() {
    Answer answer =
        WireConverter.toAnswer(ItemError.newBuilder().setCode(8).setReasonValue(9_999).build());
    assertFalse(answer.allowed());
    assertEquals("RESOURCE_EXHAUSTED", answer.reason());
  }

  @Test
  void itemError_whoseCodeIsNoneOrThatOfSuccess_isADenialAsUnknown() {
    for (int code : List.of(0, -1, 17, Integer.MAX_VALUE)) {
      Answer answer = WireConverter.toAnswer(ItemError.newBuilder().setCode(code).build());
      assertFalse(answer.allowed(), "code " + code);
      assertEquals("UNKNOWN", answer.reason(), "code " + code);
      assertTrue(answer.cause().isPresent());
    }
  }
}
