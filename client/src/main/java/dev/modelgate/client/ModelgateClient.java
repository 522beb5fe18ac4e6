package dev.modelgate.client;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a sidecar. One instance serves a whole process: it is safe for concurrent use and keeps one
 * connection, which it opens with the first question and again after each failure.
 *
 * <p>Invariant: whatever goes wrong, the answer is a denial that keeps the cause. No check throws
 * for a failure of the sidecar or the network, and {@link Answer#allowed()} is true only when the
 * sidecar said so within the deadline.
 *
 * <pre>{@code
 * try (var client = ModelgateClient.builder().socket(Path.of("modelgate-data/modelgate.sock")).build()) {
 *   if (client.check("user:ana@acme.com", "fraud", "predict").allowed()) { ... }
 * }
 * }</pre>
 */
public final class ModelgateClient implements AutoCloseable {
  /** How many questions one batch may have. */
  public static final int BATCH_MAX = 1_000;

  /** A failed RPC tells more about its cause than this side's watch, so it may speak first. */
  private static final int GRACE_MS = 10;

  private static final Duration GRACE = Duration.ofMillis(GRACE_MS);
  private static final Duration DEADLINE_MAX = Duration.ofDays(1);

  private final Connection connection;
  private final Duration deadline;
  private final int windowMax;
  private final LateAnswers late;
  private final Optional<Executor> executor;
  private final @Nullable CheckStream pipeline;
  private final WatchStream watches;

  private ModelgateClient(Builder builder, Connection connection) {
    this.connection = connection;
    this.deadline = builder.deadline;
    this.windowMax = builder.windowMax;
    this.late =
        builder.executor.isPresent() && builder.executor.get() instanceof EventLoop loop
            ? LateAnswers.on(loop)
            : LateAnswers.USUAL;
    this.executor = builder.executor;
    this.pipeline = builder.pipelined ? openStream() : null;
    this.watches =
        new WatchStream(connection.channel(), deadline, builder.watchSilence, System::nanoTime);
  }

  /** A builder with the defaults that its methods name. */
  public static Builder builder() {
    return new Builder();
  }

  /** Asks and waits, at most until the deadline; see {@link #check(Question)}. */
  public Answer check(String principal, String model, String action) {
    return check(Question.of(principal, model, action));
  }

  /**
   * Asks and waits, at most until the deadline and {@value #GRACE_MS} ms more. If the thread is
   * interrupted, the answer is a denial and the thread stays interrupted.
   */
  public Answer check(Question question) {
    CompletableFuture<Answer> future = checkFuture(question);
    try {
      return future.get(deadline.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // The deadline has passed unheard: every thread of the client's executor is taken, this one
      // perhaps among them.
      future.cancel(true);
      return WireConverter.toAnswer(
          Status.DEADLINE_EXCEEDED
              .withDescription("no answer was delivered; the client's executor is busy")
              .withCause(e)
              .asRuntimeException());
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      return Answer.failed(Status.Code.CANCELLED.name(), e);
    } catch (ExecutionException e) {
      return WireConverter.toAnswer(e);
    }
  }

  /**
   * Asks without blocking. A question that fails as UNAVAILABLE is repeated once within the
   * deadline, and so is one that a busy sidecar asks to repeat before the deadline.
   *
   * <p>On a thread that serves a gRPC call, that call's deadline counts too, if it is earlier.
   *
   * @return completed by the deadline, on the client's executor; never exceptionally. Cancelling it
   *     cancels the RPC or, if the client is pipelined, frees the question's place in the window
   */
  public CompletableFuture<Answer> checkFuture(Question question) {
    if (pipeline == null) {
      return UnaryCheck.ask(connection.channel(), WireConverter.toWire(question), deadline);
    }
    return PipelinedCheck.ask(pipeline, connection.channel(), question, deadline);
  }

  /**
   * Asks without blocking and calls back exactly once, on the client's executor; the callback must
   * not block if that executor is an event loop.
   */
  public void checkAsync(Question question, Consumer<? super Answer> callback) {
    CompletableFuture<Void> unused = checkFuture(question).thenAccept(callback);
  }

  /** Asks many questions in one RPC under the client's deadline; see the other overload. */
  public List<Answer> batch(List<Question> questions) {
    return batch(questions, deadline);
  }

  /**
   * Asks many questions in one RPC and waits. When the RPC fails, all of them are denied with its
   * cause; it is not repeated.
   *
   * @param questions at most {@value #BATCH_MAX}, at most 4 MiB encoded
   * @param timeout for the whole batch, more than 0 and at most a day
   * @return one answer for each question, in their order
   * @throws IllegalArgumentException if there are too many questions, or the timeout is out of
   *     range
   */
  public List<Answer> batch(List<Question> questions, Duration timeout) {
    requireTimeout("timeout", timeout);
    if (questions.size() > BATCH_MAX) {
      throw new IllegalArgumentException(
          "questions: " + questions.size() + " (expected: 0.." + BATCH_MAX + ")");
    }
    if (questions.isEmpty()) {
      return List.of();
    }
    BatchCheckRequest.Builder request = BatchCheckRequest.newBuilder();
    questions.forEach(question -> request.addItems(WireConverter.toWire(question)));
    try {
      BatchCheckResponse response =
          AuthorizationServiceGrpc.newBlockingStub(connection.channel())
              .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
              .batchCheck(request.build());
      return WireConverter.toAnswers(questions.size(), response);
    } catch (StatusRuntimeException e) {
      return Collections.nCopies(questions.size(), WireConverter.toAnswer(e));
    }
  }

  /** A stream session of its own, on the same connection and with the client's deadline. */
  public CheckStream openStream() {
    return new CheckStream(connection.channel(), deadline, windowMax, late, System::nanoTime);
  }

  /**
   * Watches an access, over one stream for all watches of this client, until the watch is closed.
   * When the sidecar cannot be heard for the {@link Builder#watchSilence}, every watch is lost.
   *
   * @param changes takes each answer after the first that has another outcome, reason or denied
   *     link, one at a time, on the client's executor or that of the JDK's timeouts; must not
   *     block. One with a cause is the last: the access must be taken for denied
   */
  public AccessWatch watch(Question question, Consumer<? super Answer> changes) {
    return watches.watch(question, changes);
  }

  /** Where futures complete and callbacks run, if the builder was given it. */
  public Optional<Executor> executor() {
    return executor;
  }

  /** Whether single checks share a stream, so that whatever a future runs holds up the others. */
  public boolean isPipelined() {
    return pipeline != null;
  }

  /** Denies what is in flight, closes the connection and frees its threads. Does not wait. */
  @Override
  public void close() {
    if (pipeline != null) {
      pipeline.close();
    }
    watches.close();
    connection.close();
  }

  private static void requireTimeout(String name, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(DEADLINE_MAX) > 0) {
      throw new IllegalArgumentException(
          name + ": `" + value + "` (expected: more than 0, at most " + DEADLINE_MAX + ")");
    }
  }

  /** Settings of a client. Not safe for concurrent use. */
  public static final class Builder {
    private final EndpointSettings endpoint = new EndpointSettings();
    private Duration deadline = Duration.ofMillis(50);
    private int windowMax = CheckStream.WINDOW_DEFAULT;
    private boolean pipelined;
    private Duration watchSilence = Duration.ofSeconds(1);
    private Optional<Executor> executor = Optional.empty();

    private Builder() {}

    /**
     * Asks over a unix socket (Linux). Its directory must not be writable by everybody; the socket,
     * its directory and the server's process must have one owner; and that is this process's user,
     * root, the {@link #socketOwner}, or a user to whom root gave the directory. Otherwise every
     * answer is a denial that says so. Default: {@code modelgate-data/modelgate.sock}, if it is
     * there and there is neither an address nor TLS.
     */
    public Builder socket(Path path) {
      endpoint.socket(path);
      return this;
    }

    /** Trusts a sidecar that runs as this user, wherever its socket lies. Default: nobody more. */
    public Builder socketOwner(int uid) {
      endpoint.socketOwner(uid);
      return this;
    }

    /**
     * Asks over TCP, with TLS if {@link #tls} says so, else on loopback alone. Default: 127.0.0.1,
     * port 7070.
     */
    public Builder address(String host, int port) {
      endpoint.address(host, port);
      return this;
    }

    /** Asks with TLS a sidecar for which the authorities vouch that Java trusts. */
    public Builder tls() {
      endpoint.tls(endpoint.tls());
      return this;
    }

    /**
     * Asks with TLS a sidecar for which one of these authorities vouches.
     *
     * @param authorities a PEM file; read again with each new connection, as those of the
     *     certificate are
     */
    public Builder tls(Path authorities) {
      endpoint.tls(endpoint.tls().withAuthorities(authorities));
      return this;
    }

    /**
     * Shows a certificate to a sidecar that asks for one.
     *
     * @param certificate a PEM file with the certificate and its chain
     * @param key a PEM file with its private key, RSA or EC, without a passphrase
     */
    public Builder tlsCertificate(Path certificate, Path key) {
      endpoint.tls(endpoint.tls().withIdentity(certificate, key));
      return this;
    }

    /** Asks for this name in the sidecar's certificate. Default: the host of the address. */
    public Builder tlsServerName(String name) {
      endpoint.tls(endpoint.tls().withServerName(name));
      return this;
    }

    /**
     * Asks over a channel of the caller's own making, such as one within this process. Who is at
     * its other end is for the caller to know: nothing is verified here. Answers come where the
     * channel's executor runs them. It is closed with the client.
     */
    public Builder channel(ManagedChannel channel) {
      endpoint.channel(channel);
      return this;
    }

    /**
     * How long a check may take, its repetition included. Default: 50 ms.
     *
     * @throws IllegalArgumentException if it is not more than 0 and at most a day
     */
    public Builder deadline(Duration deadline) {
      requireTimeout("deadline", deadline);
      this.deadline = deadline;
      return this;
    }

    /**
     * After how long without a word of the sidecar, which says something every 250 ms, all watched
     * accesses are lost. Default: 1 s.
     *
     * @throws IllegalArgumentException if it is not 500 ms to 1 minute
     */
    public Builder watchSilence(Duration silence) {
      if (silence.toMillis() < 500 || silence.compareTo(Duration.ofMinutes(1)) > 0) {
        throw new IllegalArgumentException(
            "watchSilence: `" + silence + "` (expected: 500 ms to 1 minute)");
      }
      this.watchSilence = silence;
      return this;
    }

    /** Sends single checks over a {@link CheckStream} of the client's own. Default: false. */
    public Builder pipelined(boolean pipelined) {
      this.pipelined = pipelined;
      return this;
    }

    /**
     * How many questions may be in flight on each stream. Default: {@value
     * CheckStream#WINDOW_DEFAULT}.
     *
     * @throws IllegalArgumentException if it is not 1 to 1,000,000
     */
    public Builder window(int questions) {
      if (questions < 1 || questions > 1_000_000) {
        throw new IllegalArgumentException("window: " + questions + " (expected: 1..1000000)");
      }
      this.windowMax = questions;
      return this;
    }

    /** Where futures complete and callbacks run. Default: the thread pool that gRPC shares. */
    public Builder executor(Executor executor) {
      this.executor = Optional.of(executor);
      return this;
    }

    /**
     * Makes the client; does not connect yet.
     *
     * @throws IllegalArgumentException if the port is not 1 to 65,535; if the host is not loopback
     *     and there is no TLS; if a file of TLS is of no use; if there is a socket besides an
     *     address or TLS; or if there is anything of these, or an executor, besides a channel
     * @throws UnsupportedOperationException if a unix socket is asked for and this is not Linux
     */
    public ModelgateClient build() {
      return new ModelgateClient(this, endpoint.connect(executor));
    }
  }
}
