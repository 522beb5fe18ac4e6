package dev.modelgate.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class WireTest {
  @Test
  void fields_areWritten_generatedCodeReadsThem() throws InvalidProtocolBufferException {
    CheckRequest check =
        CheckRequest.newBuilder()
            .setPrincipal("user:ana@acme.example")
            .setModel("m1")
            .setAction("predict")
            .build();

    Wire item =
        new Wire()
            .text(CheckRequest.PRINCIPAL_FIELD_NUMBER, check.getPrincipal())
            .text(CheckRequest.MODEL_FIELD_NUMBER, check.getModel())
            .text(CheckRequest.ACTION_FIELD_NUMBER, check.getAction());
    Wire batch = new Wire().message(BatchCheckRequest.ITEMS_FIELD_NUMBER, item);

    assertEquals(
        BatchCheckRequest.newBuilder().addItems(check).build(),
        BatchCheckRequest.parseFrom(batch.bytes()));
  }

  @Test
  void number_isWritten_generatedCodeReadsIt() throws InvalidProtocolBufferException {
    byte[] bytes =
        new Wire()
            .number(CheckResponse.DECISION_FIELD_NUMBER, Decision.DECISION_DENY_VALUE)
            .bytes();

    assertEquals(Decision.DECISION_DENY, CheckResponse.parseFrom(bytes).getDecision());
  }

  @Test
  void number_deepInside_isFoundBehindOtherFields() throws IOException {
    byte[] bytes =
        new Wire()
            .text(1, "before")
            .message(2, new Wire().number(9, 1).message(3, new Wire().text(1, "x").number(2, 42)))
            .message(2, new Wire().message(3, new Wire().number(2, 7)))
            .bytes();

    assertEquals(42, Wire.number(bytes, 2, 3, 2));
    assertEquals("before", Wire.text(bytes, 1));
  }

  @Test
  void number_absent_isZero() throws IOException {
    byte[] bytes = new Wire().message(2, new Wire().number(1, 5)).bytes();

    assertEquals(0, Wire.number(bytes, 2, 2));
    assertEquals(0, Wire.number(bytes, 3, 1));
    assertEquals("", Wire.text(bytes, 4));
  }
}
