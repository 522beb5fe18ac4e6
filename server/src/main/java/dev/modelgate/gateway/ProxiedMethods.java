package dev.modelgate.gateway;

import dev.modelgate.app.Telemetry;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import org.jspecify.annotations.Nullable;

/** Takes calls of every method, as far as the bounds and the admission let them. */
final class ProxiedMethods extends HandlerRegistry {
  private final long windowsBytes;
  private final Upstreams upstreams;
  private final Telemetry telemetry;

  /**
   * @param windowsBytes what the two windows of a call may hold
   */
  ProxiedMethods(long windowsBytes, Upstreams upstreams, Telemetry telemetry) {
    this.windowsBytes = windowsBytes;
    this.upstreams = upstreams;
    this.telemetry = telemetry;
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    return ServerMethodDefinition.create(Frames.method(method), this::begin);
  }

  private ServerCall.Listener<Frame> begin(ServerCall<Frame, Frame> call, Metadata headers) {
    Account account = Tracing.ACCOUNT.get();
    String limit = account.open(windowsBytes);
    if (!limit.isEmpty()) {
      telemetry.limited(limit);
      return refuse(call, Refusal.busy(limit));
    }
    Upstreams.Upstream upstream = upstreams.here();
    Admission.Verdict verdict =
        upstream
            .admission()
            .admit(call.getMethodDescriptor().getFullMethodName(), headers, call.getAttributes());
    if (verdict instanceof Admission.Verdict.Asks asks) {
      ProxyCall proxied =
          new ProxyCall(call, headers, asks.guard(), account, upstream.channel(), telemetry);
      proxied.start();
      return proxied;
    }
    return refuse(call, ((Admission.Verdict.Refuses) verdict).refusal());
  }

  private static ServerCall.Listener<Frame> refuse(ServerCall<Frame, Frame> call, Refusal refusal) {
    call.close(refusal.status(), refusal.trailers());
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(Frame message) {
        message.close();
      }
    };
  }
}
