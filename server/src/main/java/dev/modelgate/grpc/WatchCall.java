package dev.modelgate.grpc;

import dev.modelgate.app.query.ChangeEvent;
import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.grpc.StreamedAnswer.Step;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One call of WatchChanges: first where the watch begins, then every change. */
final class WatchCall {
  private final ChangeFeed feed;
  private final WatchChangesRequest request;
  private final Requester requester;
  private final StreamedAnswer<WatchChangesResponse> stream;
  private ChangeFeed.@Nullable Watch<ChangeEvent> watch;

  private WatchCall(
      ChangeFeed feed,
      WatchChangesRequest request,
      Requester requester,
      ServerCallStreamObserver<WatchChangesResponse> call,
      Executor executor,
      ErrorMapper errors) {
    this.feed = feed;
    this.request = request;
    this.requester = requester;
    this.stream = new StreamedAnswer<>(call, executor, errors, this::next, this::close);
  }

  static void start(
      ChangeFeed feed,
      WatchChangesRequest request,
      Requester requester,
      ServerCallStreamObserver<WatchChangesResponse> call,
      Executor executor,
      ErrorMapper errors) {
    new WatchCall(feed, request, requester, call, executor, errors).stream.wake();
  }

  private Step<WatchChangesResponse> next() {
    if (watch == null) {
      String organization = Fields.organizationId("organization", request.getOrganization());
      watch = feed.watch(organization, request.getFromRevision(), requester, stream::wake);
      return Step.of(WatchChangesResponse.newBuilder().setRevision(watch.revision()).build());
    }
    return watch.next().map(ChangeMessages::watched).map(Step::of).orElseGet(Step::waiting);
  }

  private void close() {
    if (watch != null) {
      watch.close();
    }
  }
}
