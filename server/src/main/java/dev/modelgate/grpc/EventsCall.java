package dev.modelgate.grpc;

import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.query.EventWatch;
import dev.modelgate.app.query.ShareEvent;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.grpc.StreamedAnswer.Step;
import dev.modelgate.v1.Event;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One call of WatchEvents: first where the watch begins, then every event. */
final class EventsCall {
  private final ChangeFeed feed;
  private final WatchEventsRequest request;
  private final Requester requester;
  private final StreamedAnswer<WatchEventsResponse> stream;
  private @Nullable EventWatch watch;

  private EventsCall(
      ChangeFeed feed,
      WatchEventsRequest request,
      Requester requester,
      ServerCallStreamObserver<WatchEventsResponse> call,
      Executor executor,
      ErrorMapper errors) {
    this.feed = feed;
    this.request = request;
    this.requester = requester;
    this.stream = new StreamedAnswer<>(call, executor, errors, this::next, this::close);
  }

  static void start(
      ChangeFeed feed,
      WatchEventsRequest request,
      Requester requester,
      ServerCallStreamObserver<WatchEventsResponse> call,
      Executor executor,
      ErrorMapper errors) {
    new EventsCall(feed, request, requester, call, executor, errors).stream.wake();
  }

  private Step<WatchEventsResponse> next() {
    if (watch == null) {
      String organization = Fields.organizationId("organization", request.getOrganization());
      watch =
          EventWatch.begin(feed, organization, request.getFromCursor(), requester, stream::wake);
      return Step.of(WatchEventsResponse.newBuilder().setCursor(watch.cursor()).build());
    }
    return watch.next().map(EventsCall::message).map(Step::of).orElseGet(Step::waiting);
  }

  private static WatchEventsResponse message(EventWatch.Told told) {
    var message = WatchEventsResponse.newBuilder().setCursor(told.cursor());
    told.event().ifPresent(event -> message.setEvent(event(event)));
    return message.build();
  }

  private static Event event(ShareEvent event) {
    return Event.newBuilder()
        .setRevision(event.revision())
        .setRecipient(event.grant().principal())
        .setActor(event.actor())
        .setOnBehalfOf(event.onBehalfOf())
        .setAt(AdminMessages.timestamp(event.at()))
        .setRequestId(event.requestId())
        .setShared(AdminMessages.grant(event.grant()))
        .build();
  }

  private void close() {
    if (watch != null) {
      watch.close();
    }
  }
}
