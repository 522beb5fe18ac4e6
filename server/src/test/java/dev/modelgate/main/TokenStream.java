package dev.modelgate.main;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A caller of {@link TokenServer}: which tokens he has, and when and how his stream ended. */
final class TokenStream implements StreamObserver<CheckResponse> {
  private static final Metadata.Key<String> PRINCIPAL =
      Metadata.Key.of("x-principal", Metadata.ASCII_STRING_MARSHALLER);

  private record End(String status, long nanos) {}

  private final AtomicInteger tokens = new AtomicInteger();
  private final AtomicInteger missed = new AtomicInteger();
  private final CompletableFuture<End> end = new CompletableFuture<>();

  static TokenStream open(Channel channel, String principal, String model) {
    Metadata headers = new Metadata();
    headers.put(PRINCIPAL, principal);
    TokenStream stream = new TokenStream();
    ClientCalls.asyncServerStreamingCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers))
            .newCall(TokenServer.GENERATE, CallOptions.DEFAULT),
        CheckRequest.newBuilder().setModel(model).build(),
        stream);
    return stream;
  }

  int tokens() {
    return tokens.get();
  }

  /** How many tokens came that were not the next. */
  int missed() {
    return missed.get();
  }

  boolean hasEnded() {
    return end.isDone();
  }

  /** Code and description. */
  String end() {
    return end.join().status();
  }

  long endNanos() {
    return end.join().nanos();
  }

  @Override
  public void onNext(CheckResponse token) {
    if (!token.getReason().equals(Integer.toString(tokens.incrementAndGet()))) {
      missed.incrementAndGet();
    }
  }

  @Override
  public void onError(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    end.complete(new End(status.getCode() + ": " + status.getDescription(), System.nanoTime()));
  }

  @Override
  public void onCompleted() {
    end.complete(new End("OK", System.nanoTime()));
  }
}
