package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A failed call as a client sees it: its code, its one ErrorInfo, its further details. */
record Errors(Status.Code code, ErrorInfo info, List<Any> details) {

  /** One that keeps the contract. */
  static Errors of(StatusRuntimeException thrown) {
    Errors error = anyOf(thrown);
    ErrorContract.requireKept(error.code, error.info);
    return error;
  }

  /** One that a test has made up. */
  static Errors anyOf(StatusRuntimeException thrown) {
    var status = Objects.requireNonNull(StatusProto.fromThrowable(thrown));
    assertEquals(
        1,
        status.getDetailsList().stream().filter(d -> d.is(ErrorInfo.class)).count(),
        () -> "not one ErrorInfo: " + thrown);
    var error =
        new Errors(
            thrown.getStatus().getCode(), ErrorInfo.getDefaultInstance(), status.getDetailsList());
    return new Errors(error.code, error.detail(ErrorInfo.class).orElseThrow(), error.details);
  }

  <T extends Message> Optional<T> detail(Class<T> type) {
    for (Any detail : details) {
      if (detail.is(type)) {
        try {
          return Optional.of(detail.unpack(type));
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    return Optional.empty();
  }

  String field() {
    return info.getMetadataOrDefault("field", "");
  }
}
