package dev.modelgate.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.modelgate.envoy.v3.CheckResponse;
import dev.modelgate.envoy.v3.DeniedHttpResponse;
import dev.modelgate.envoy.v3.HeaderValue;
import dev.modelgate.envoy.v3.HeaderValueOption;
import dev.modelgate.envoy.v3.HeaderValueOption.HeaderAppendAction;
import dev.modelgate.envoy.v3.HttpStatus;
import dev.modelgate.envoy.v3.OkHttpResponse;
import dev.modelgate.proxy.UpstreamHeaders;
import dev.modelgate.proxy.Verdict;
import java.util.Base64;
import java.util.Map;

/**
 * Writes verdicts for Envoy. A refused gRPC call ends with a status like that of every other way,
 * with one ErrorInfo; a refused HTTP request with a small JSON body.
 */
final class EnvoyAnswers {
  private EnvoyAnswers() {}

  /**
   * Writes one.
   *
   * @param isGrpc whether the request is a gRPC call
   * @param challenge for whoever sends an HTTP request and proves nobody
   */
  static CheckResponse answer(Verdict verdict, boolean isGrpc, String challenge) {
    CheckResponse.Builder answer = CheckResponse.newBuilder().setDynamicMetadata(metadata(verdict));
    if (verdict.allowed()) {
      return answer.setStatus(Status.getDefaultInstance()).setOkResponse(passed(verdict)).build();
    }
    Status status =
        Status.newBuilder()
            .setCode(verdict.outcome().grpcCode())
            .setMessage(verdict.message())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setDomain(ErrorMapper.DOMAIN)
                        .setReason(verdict.reason())
                        .build()))
            .build();
    return answer
        .setStatus(status)
        .setDeniedResponse(isGrpc ? grpc(verdict, status) : http(verdict, challenge))
        .build();
  }

  /** What is not set is removed: nobody else speaks for Modelgate to the server. */
  private static OkHttpResponse passed(Verdict verdict) {
    Map<String, String> values = UpstreamHeaders.of(verdict);
    OkHttpResponse.Builder passed = OkHttpResponse.newBuilder();
    for (String name : UpstreamHeaders.NAMES) {
      String value = values.get(name);
      if (value == null) {
        passed.addHeadersToRemove(name);
      } else {
        passed.addHeaders(header(name, value));
      }
    }
    return passed.build();
  }

  /** Envoy makes a gRPC status of it: the code and details of these headers, the body its text. */
  private static DeniedHttpResponse grpc(Verdict verdict, Status status) {
    return denied(verdict)
        .addHeaders(header("grpc-status", Integer.toString(status.getCode())))
        .addHeaders(
            header(
                "grpc-status-details-bin",
                Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray())))
        .setBody(status.getMessage())
        .build();
  }

  private static DeniedHttpResponse http(Verdict verdict, String challenge) {
    DeniedHttpResponse.Builder denied =
        denied(verdict)
            .addHeaders(header("content-type", "application/json"))
            .setBody(verdict.json());
    if (verdict.outcome() == Verdict.Outcome.UNAUTHENTICATED) {
      denied.addHeaders(header("www-authenticate", challenge));
    }
    return denied.build();
  }

  private static DeniedHttpResponse.Builder denied(Verdict verdict) {
    return DeniedHttpResponse.newBuilder()
        .setStatus(HttpStatus.newBuilder().setCodeValue(verdict.outcome().httpCode()));
  }

  private static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
        .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
        .build();
  }

  private static Struct metadata(Verdict verdict) {
    return Struct.newBuilder()
        .putFields("decision", text(verdict.allowed() ? "allow" : "deny"))
        .putFields("reason", text(verdict.reason()))
        .putFields("principal", text(verdict.principal()))
        .putFields("resource", text(verdict.resource()))
        .putFields("action", text(verdict.action()))
        .putFields("revision", text(verdict.revision()))
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
