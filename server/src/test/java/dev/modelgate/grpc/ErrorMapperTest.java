package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.StoreException;
import dev.modelgate.v1.ErrorReason;
import io.grpc.Status;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class ErrorMapperTest {
  private final ErrorMapper errors = new ErrorMapper();

  @Test
  void faults_andPublishedReasons_haveTheSameNames() {
    Set<String> published =
        Arrays.stream(ErrorReason.values())
            .filter(r -> r != ErrorReason.UNRECOGNIZED)
            .map(r -> r.name().substring("ERROR_REASON_".length()))
            .filter(name -> !name.equals("UNSPECIFIED"))
            .collect(Collectors.toSet());
    assertEquals(
        published, Arrays.stream(Fault.values()).map(Enum::name).collect(Collectors.toSet()));
  }

  @Test
  void everyFault_hasOneErrorInfo_andItemErrorSaysTheSame() {
    for (Fault fault : Fault.values()) {
      Refusal refusal = Refusal.of(fault, "why").with("baseRevision", "abc");
      var status = errors.toException(refusal);
      var error = Errors.anyOf(status);
      assertEquals(fault.name(), error.info().getReason());
      assertEquals("modelgate.dev", error.info().getDomain());
      assertEquals(Map.of("base_revision", "abc"), error.info().getMetadataMap());
      var item = errors.toItemError(refusal);
      assertEquals(status.getStatus().getCode().value(), item.getCode());
      assertEquals("ERROR_REASON_" + fault.name(), item.getReason().name());
      assertEquals(error.info().getMetadataMap(), item.getMetadataMap());
      assertEquals(error.detail(RetryInfo.class).isPresent(), item.hasRetryAfter());
    }
  }

  @Test
  void refusal_ofAField_namesItInABadRequest() {
    var status =
        errors.toException(Refusal.ofField(Fault.INVALID_FIELD, "page_size", "-1", "0..1000"));
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getStatus().getCode());
    assertEquals("page_size: `-1` (expected: 0..1000)", status.getStatus().getDescription());
    BadRequest bad = Errors.of(status).detail(BadRequest.class).orElseThrow();
    assertEquals("page_size", bad.getFieldViolations(0).getField());
  }

  @Test
  void overload_always_saysWhenToRetry() {
    var error =
        Errors.of(errors.toException(Refusal.of(Fault.OVERLOADED, "full").with("queue", "misses")));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, error.code());
    assertTrue(error.detail(RetryInfo.class).isPresent());
  }

  @Test
  void invalidName_isAnInvalidField_thatNamesIt() {
    var thrown =
        Assertions.assertThrows(
            IllegalArgumentException.class, () -> PrincipalName.parse("user:ANA@acme.com"));
    var error = Errors.of(errors.toException(new CompletionException(thrown)));
    assertEquals("INVALID_FIELD", error.info().getReason());
    assertEquals("principal", error.info().getMetadataOrThrow("field"));
  }

  @Test
  void unknownThrowable_isAnsweredWithItsIdAlone() {
    var status = errors.toException(new IllegalStateException("secret of /etc/passwd"));
    assertEquals(Status.Code.INTERNAL, status.getStatus().getCode());
    String id = Errors.of(status).info().getMetadataOrThrow("id");
    assertNotNull(status.getStatus().getDescription());
    assertEquals("internal error, logged as `" + id + "`", status.getStatus().getDescription());
    assertFalse(String.valueOf(status.getTrailers()).contains("secret"));
  }

  @Test
  void storeFailure_isUnavailable_andDamageIsDataLoss() {
    assertEquals(
        Status.Code.UNAVAILABLE,
        errors.toException(new StoreException("disk on fire")).getStatus().getCode());
    assertEquals(
        Status.Code.DATA_LOSS,
        errors.toException(new CorruptionException("000012.sst")).getStatus().getCode());
  }

  @Test
  void mappedStatus_mappedAgain_staysAsItIs() {
    var status = errors.toException(Refusal.of(Fault.CONFLICT, "raced"));
    assertSame(status, errors.toException(status));
    var foreign = errors.toException(Status.UNAVAILABLE.asRuntimeException());
    assertEquals("INTERNAL", Errors.of(foreign).info().getReason());
  }

  @Test
  void longMessage_isCutAtACharacter() {
    var status = errors.toException(Refusal.of(Fault.CONFLICT, "ä".repeat(2000)));
    assertEquals("ä".repeat(512), status.getStatus().getDescription());
  }
}
