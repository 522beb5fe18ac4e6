package dev.modelgate.gateway;

import dev.modelgate.app.Telemetry;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on its way through: a caller, an upstream, and the guard between them.
 *
 * <p>Each event of the three runs in {@link #sync}, one at a time and on whichever thread brings
 * it, which is the call's event loop for nearly all. Invariants: the upstream gets no byte of a
 * message, and hears nothing of a guarded call, before the guard let that message pass; of each
 * direction at most one message is here, for the next one is asked for only when the other side's
 * network has room again; and the guard is told of the end exactly once.
 *
 * <pre>
 *   caller --- message --&gt; held --- verdict --&gt; upstream, ready again --- request(1) --&gt; caller
 *   upstream --- message --&gt; caller, ready again --- request(1) --&gt; upstream
 * </pre>
 */
final class ProxyCall extends ServerCall.Listener<Frame> {
  private static final Logger log = LoggerFactory.getLogger(ProxyCall.class);

  private final SynchronizationContext sync =
      new SynchronizationContext((thread, failure) -> failed(failure));

  private final ServerCall<Frame, Frame> caller;
  private final Metadata headers;
  private final Guard guard;
  private final Account account;
  private final Channel channel;
  private final Telemetry telemetry;
  private final @Nullable Deadline deadline = Context.current().getDeadline();

  // In sync.
  private @Nullable ClientCall<Frame, Frame> upstream;
  private @Nullable Frame held;
  private @Nullable Frame sent;
  private boolean begun;
  private boolean halfClosed;
  private boolean replied;
  private boolean ended;

  ProxyCall(
      ServerCall<Frame, Frame> caller,
      Metadata headers,
      Guard guard,
      Account account,
      Channel channel,
      Telemetry telemetry) {
    this.caller = caller;
    this.headers = headers;
    this.guard = guard;
    this.account = account;
    this.channel = channel;
    this.telemetry = telemetry;
  }

  /** Asks for the first message. */
  void start() {
    sync.execute(
        () -> {
          account.whenOver(() -> sync.execute(this::overflow));
          if (guard.isOpen()) {
            begun = true;
            open();
          }
          caller.request(1);
        });
  }

  @Override
  public void onMessage(Frame message) {
    sync.execute(() -> received(message));
  }

  @Override
  public void onHalfClose() {
    sync.execute(
        () -> {
          halfClosed = true;
          if (!ended && held == null) {
            halfClose();
          }
        });
  }

  @Override
  public void onReady() {
    sync.execute(this::nextReply);
  }

  @Override
  public void onCancel() {
    sync.execute(() -> end("the caller has gone"));
  }

  @Override
  public void onComplete() {
    sync.execute(() -> end("the call has ended"));
  }

  private void received(Frame message) {
    if (ended) {
      message.close();
      return;
    }
    held = message;
    CompletableFuture<Optional<Refusal>> verdict = guard.judge(new Held(message));
    if (verdict.isDone() && !verdict.isCompletedExceptionally()) {
      decided(verdict.join());
      return;
    }
    CompletableFuture<Void> unused =
        verdict.handle(
            (refusal, failure) -> {
              if (failure != null) {
                log.warn("a message could not be judged", failure);
              }
              sync.execute(
                  () -> decided(failure == null ? refusal : Optional.of(Refusal.unavailable())));
              return null;
            });
  }

  private void decided(Optional<Refusal> refusal) {
    Frame message = held;
    if (ended || message == null) {
      return;
    }
    if (refusal.isPresent()) {
      refuse(refusal.get());
      return;
    }
    held = null;
    if (!begun) {
      begun = true;
      guard.begun(cut -> sync.execute(() -> refuse(cut)));
      if (ended) {
        message.close();
        return;
      }
    }
    ClientCall<Frame, Frame> call = open();
    sent = message;
    call.setMessageCompression(message.compressed());
    call.sendMessage(message);
    if (halfClosed) {
      call.halfClose();
    }
    nextRequest();
  }

  private void halfClose() {
    ClientCall<Frame, Frame> call = upstream;
    if (call == null) {
      refuse(Refusal.unmapped("a call without a message"));
    } else {
      call.halfClose();
    }
  }

  /** Asks the caller for a message when the upstream's network has room. */
  private void nextRequest() {
    ClientCall<Frame, Frame> call = upstream;
    if (!ended && sent != null && call != null && call.isReady()) {
      sent = null;
      account.passed(Account.Side.CALLER);
      caller.request(1);
    }
  }

  private void upstreamReady() {
    if (halfClosed && sent != null) {
      // The last message is gone; a call that is half closed says no more that it is ready.
      sent = null;
      account.passed(Account.Side.CALLER);
    }
    nextRequest();
  }

  private void replied(Frame message) {
    if (ended) {
      message.close();
      return;
    }
    replied = true;
    caller.setMessageCompression(message.compressed());
    caller.sendMessage(message);
    nextReply();
  }

  /** Asks the upstream for a message when the caller's network has room. */
  private void nextReply() {
    ClientCall<Frame, Frame> call = upstream;
    if (!ended && replied && call != null && caller.isReady()) {
      replied = false;
      account.passed(Account.Side.UPSTREAM);
      call.request(1);
    }
  }

  private ClientCall<Frame, Frame> open() {
    ClientCall<Frame, Frame> open = upstream;
    if (open != null) {
      return open;
    }
    Optional<String> encoding = Encodings.encoding(headers);
    CallOptions options =
        Tracing.ofUpstream(
            encoding.map(CallOptions.DEFAULT::withCompression).orElse(CallOptions.DEFAULT),
            account,
            headers);
    Metadata passed = new Metadata();
    passed.merge(headers);
    guard.strip(passed);
    CallOptions limited = deadline == null ? options : options.withDeadline(deadline);
    // Not in the context of the caller, whose end this class tells the upstream itself.
    Context before = Context.ROOT.attach();
    try {
      ClientCall<Frame, Frame> call = channel.newCall(caller.getMethodDescriptor(), limited);
      upstream = call;
      call.start(new Upstream(), passed);
      call.request(1);
      return call;
    } finally {
      Context.ROOT.detach(before);
    }
  }

  private void overflow() {
    if (!ended) {
      telemetry.limited("gateway-bytes");
      refuse(Refusal.busy("gateway-bytes"));
    }
  }

  private void refuse(Refusal refusal) {
    close(refusal.status(), refusal.trailers());
  }

  private void close(Status status, Metadata trailers) {
    if (!ended) {
      end("the call was refused");
      // The cause is this process's own, and is not for the caller.
      caller.close(status.withCause(null), trailers);
    }
  }

  /** Frees what is held, and has nothing go on. */
  private void end(String why) {
    if (ended) {
      return;
    }
    ended = true;
    Frame waiting = held;
    held = null;
    ClientCall<Frame, Frame> call = upstream;
    if (call != null) {
      call.cancel(why, null);
    }
    Frame unsent = sent;
    if (unsent != null) {
      unsent.close();
    }
    if (waiting != null) {
      waiting.close();
    }
    guard.end();
  }

  private void failed(Throwable failure) {
    log.error("a call of `{}` failed", caller.getMethodDescriptor().getFullMethodName(), failure);
    if (!ended) {
      end("the gateway failed");
      caller.close(Status.INTERNAL.withDescription("the gateway failed"), new Metadata());
    }
  }

  private void begins(Metadata replyHeaders) {
    if (ended) {
      return;
    }
    Optional<String> encoding = Encodings.encoding(replyHeaders);
    if (encoding.isPresent()) {
      if (!Encodings.accepts(headers, encoding.get())) {
        close(
            Status.INTERNAL.withDescription("the upstream compresses as nobody asked it to"),
            new Metadata());
        return;
      }
      caller.setCompression(encoding.get());
    }
    caller.sendHeaders(replyHeaders);
  }

  /** What the upstream says. */
  private final class Upstream extends ClientCall.Listener<Frame> {
    @Override
    public void onHeaders(Metadata replyHeaders) {
      sync.execute(() -> begins(replyHeaders));
    }

    @Override
    public void onMessage(Frame message) {
      sync.execute(() -> replied(message));
    }

    @Override
    public void onReady() {
      sync.execute(ProxyCall.this::upstreamReady);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      sync.execute(() -> close(status, trailers));
    }
  }

  /** The message that waits, as the guard sees it. */
  private record Held(Frame frame) implements Guard.Message {
    @Override
    public <T> T look(Reader<T> reader) throws IOException {
      return frame.beginning(reader::read);
    }

    @Override
    public boolean isCompressed() {
      return frame.compressed();
    }
  }
}
