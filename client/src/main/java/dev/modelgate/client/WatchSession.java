package dev.modelgate.client;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;

/** One stream of WatchAccess. Its requests are sent under the lock of its owner. */
final class WatchSession
    implements ClientResponseObserver<WatchAccessRequest, WatchAccessResponse> {
  private final WatchStream owner;
  private final Channel channel;
  private final Object lock;
  private @Nullable ClientCallStreamObserver<WatchAccessRequest> requests;

  WatchSession(WatchStream owner, Channel channel, Object lock) {
    this.owner = owner;
    this.channel = channel;
    this.lock = lock;
  }

  void open() {
    // Not in the context of a call being served on this thread: the stream outlives it.
    Context.ROOT.run(
        () -> {
          var unused = AuthorizationServiceGrpc.newStub(channel).watchAccess(this);
        });
  }

  void send(WatchAccessRequest request) {
    if (requests != null) {
      requests.onNext(request);
    }
  }

  void cancel(Throwable cause) {
    synchronized (lock) {
      if (requests != null) {
        requests.cancel("the watch is over", cause);
      }
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchAccessRequest> stream) {
    requests = stream;
  }

  @Override
  public void onNext(WatchAccessResponse response) {
    owner.told(this, response);
  }

  @Override
  public void onError(Throwable failure) {
    owner.broken(this, failure);
  }

  @Override
  public void onCompleted() {
    owner.broken(
        this,
        Status.UNAVAILABLE.withDescription("the server ended the stream").asRuntimeException());
  }
}
