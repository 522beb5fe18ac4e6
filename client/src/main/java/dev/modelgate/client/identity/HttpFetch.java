package dev.modelgate.client.identity;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Fetches small documents over HTTP without a thread that waits.
 *
 * <p>Bounded in bytes and in time, from the first packet to the last; follows no redirect, for the
 * operator has named whom to trust.
 */
final class HttpFetch {
  /** The largest document, in bytes. */
  static final int BYTES_MAX = 256 << 10;

  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  private final HttpClient client;
  private final Duration wholeMax;

  /**
   * Fetches with those certificates trusted.
   *
   * @param wholeMax how long a fetch may take
   */
  HttpFetch(SSLContext trusted, Duration wholeMax, Executor executor) {
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_MAX)
            .sslContext(trusted)
            .executor(executor)
            .build();
    this.wholeMax = wholeMax;
  }

  /** The document there; fails with an IOException or a TimeoutException. */
  CompletableFuture<byte[]> get(URI uri) {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Accept", "application/json")
            .timeout(wholeMax)
            .GET()
            .build();
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, response -> new BoundedBody());
    CompletableFuture<byte[]> body =
        sent.thenCompose(
            response ->
                response.statusCode() == 200
                    ? CompletableFuture.completedFuture(response.body())
                    : CompletableFuture.failedFuture(
                        new IOException("HTTP status " + response.statusCode())));
    // The request's own time-out ends with the headers; a server may trickle the rest.
    return body.orTimeout(wholeMax.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (bytes, failure) -> {
              if (failure != null) {
                sent.cancel(true);
              }
            });
  }

  /** Gathers a body until it is too large. */
  private static final class BoundedBody implements BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      Flow.Subscription given = subscription;
      if (given == null) {
        return;
      }
      for (ByteBuffer buffer : buffers) {
        if (bytes.size() + buffer.remaining() > BYTES_MAX) {
          given.cancel();
          body.completeExceptionally(new IOException("more than " + BYTES_MAX + " bytes"));
          return;
        }
        byte[] chunk = new byte[buffer.remaining()];
        buffer.get(chunk);
        bytes.writeBytes(chunk);
      }
      given.request(1);
    }

    @Override
    public void onError(Throwable e) {
      body.completeExceptionally(e);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
