package dev.modelgate.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call whose end is reported to the audit trail when it is a refusal or an emergency. It goes by
 * what the caller is told, so that no way to refuse can be forgotten; an etag that is stale or a
 * field that is malformed is no attempt at anything, and a name that is missing is one only for
 * whom it may be hidden from. Reads the request only then; else it costs a reference.
 */
final class AuditedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  /** What the methods have done that are emergencies. */
  private static final Map<String, String> EMERGENCIES =
      Map.of("Suspend", "SUSPENDED", "Resume", "RESUMED", "BreakGlass", "GLASS_BROKEN");

  private final AuditTrail trail;
  private final Caller caller;
  private final @Nullable Requester requester;
  private volatile @Nullable Object request;
  private volatile String revision = "";

  /**
   * Watches a call.
   *
   * @param caller who calls; {@link Caller#UNAUTHENTICATED} with his address when nobody knows
   * @param requester for whom he acts; null when that is not known or does not matter
   */
  AuditedCall(
      ServerCall<Q, A> call, AuditTrail trail, Caller caller, @Nullable Requester requester) {
    super(call);
    this.trail = trail;
    this.caller = caller;
    this.requester = requester;
  }

  /** Has the call know what it is asked. */
  ServerCall.Listener<Q> listener(ServerCall.Listener<Q> handler) {
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onMessage(Q message) {
        if (request == null) {
          request = message;
        }
        super.onMessage(message);
      }
    };
  }

  @Override
  public void sendMessage(A message) {
    if (isEmergency() && message instanceof Message answer) {
      FieldDescriptor field = answer.getDescriptorForType().findFieldByName("revision");
      if (field != null) {
        revision = String.valueOf(answer.getField(field));
      }
    }
    super.sendMessage(message);
  }

  /** The event is on its way before the caller knows. */
  @Override
  public void close(Status status, Metadata trailers) {
    report(status, trailers);
    super.close(status, trailers);
  }

  private void report(Status status, Metadata trailers) {
    switch (status.getCode()) {
      case OK -> {
        if (isEmergency()) {
          record(Kind.EMERGENCY, what(), Map.of());
        }
      }
      case UNAUTHENTICATED -> record(Kind.LOGIN_FAILURE, status, trailers);
      case PERMISSION_DENIED -> record(Kind.REFUSAL, status, trailers);
      case NOT_FOUND -> {
        if (requester == null || !requester.isSystemAdministrator()) {
          record(Kind.REFUSAL, status, trailers);
        }
      }
      case INVALID_ARGUMENT -> {
        if (Fault.ON_BEHALF_OF_INVALID.name().equals(info(status, trailers).getReason())) {
          record(Kind.REFUSAL, status, trailers);
        }
      }
      default -> {
        // Neither an attempt nor an emergency.
      }
    }
  }

  private void record(Kind kind, Status status, Metadata trailers) {
    ErrorInfo info = info(status, trailers);
    record(
        kind,
        info.getReason().isEmpty() ? status.getCode().name() : info.getReason(),
        info.getMetadataMap());
  }

  private void record(Kind kind, String what, Map<String, String> told) {
    Object asked = request;
    RequestFacts facts = RequestFacts.of(asked == null ? "" : asked);
    String actsFor =
        requester == null
            ? caller.principal().map(PrincipalName::toString).orElse("")
            : requester.onBehalfOf().map(PrincipalName::toString).orElse("");
    trail.record(
        TrailEvent.of(kind, what)
            .by(caller.isAuthenticated() ? caller.credential() : "", actsFor, caller.peer())
            .through(getMethodDescriptor().getFullMethodName())
            .on(facts.organization(), facts.resource())
            .about(facts.principals())
            .changing(Map.of(), told)
            .because(facts.reason(), facts.requestId())
            .at(revision)
            .build());
  }

  private boolean isEmergency() {
    return !what().isEmpty();
  }

  /** What the call does if it is an emergency, else nothing. */
  private String what() {
    return EMERGENCIES.getOrDefault(String.valueOf(getMethodDescriptor().getBareMethodName()), "");
  }

  private static ErrorInfo info(Status status, Metadata trailers) {
    com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
    for (Any detail : details == null ? List.<Any>of() : details.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException e) {
          return ErrorInfo.getDefaultInstance();
        }
      }
    }
    return ErrorInfo.getDefaultInstance();
  }
}
