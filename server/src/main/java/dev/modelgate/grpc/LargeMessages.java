package dev.modelgate.grpc;

import dev.modelgate.app.Telemetry;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Counts the calls that the transport ends because a message is larger than it takes in at all
 * ({@link ServerSettings#FRAME_BYTES_MAX}); nothing else of ours hears of them. One for all calls:
 * it keeps nothing.
 */
final class LargeMessages extends ServerStreamTracer {
  /** How gRPC says it. */
  private static final String TOO_LARGE = "gRPC message exceeds maximum size";

  private final Telemetry telemetry;

  private LargeMessages(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** For the calls of a listener. */
  static ServerStreamTracer.Factory counted(Telemetry telemetry) {
    LargeMessages all = new LargeMessages(telemetry);
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return all;
      }
    };
  }

  @Override
  public void streamClosed(Status status) {
    String description = status.getDescription();
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && description != null
        && description.startsWith(TOO_LARGE)) {
      telemetry.limited("size");
    }
  }
}
