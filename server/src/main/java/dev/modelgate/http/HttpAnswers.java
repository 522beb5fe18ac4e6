package dev.modelgate.http;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.ChannelInputShutdownEvent;
import io.grpc.netty.shaded.io.netty.channel.socket.DuplexChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObject;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.grpc.netty.shaded.io.netty.handler.codec.http.TooLongHttpLineException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the one request of a connection and ends its own side; what still comes is thrown away,
 * so that a client which goes on sending can read the answer, up to a bound.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails on a connection closes it.
final class HttpAnswers extends SimpleChannelInboundHandler<HttpObject> {
  private static final Logger log = LoggerFactory.getLogger(HttpAnswers.class);
  private static final int DISCARDED_BYTES_MAX = 1 << 20;
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private final Executor worker;
  private final Supplier<String> metrics;
  private final BooleanSupplier ready;
  private boolean answered;
  private boolean sent;
  private boolean inputEnded;
  private int discarded;

  HttpAnswers(Executor worker, Supplier<String> metrics, BooleanSupplier ready) {
    this.worker = worker;
    this.metrics = metrics;
    this.ready = ready;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (!answered) {
      answered = true;
      answer(context, message);
    } else if (message instanceof HttpContent content) {
      discarded += content.content().readableBytes();
      if (discarded > DISCARDED_BYTES_MAX) {
        context.close();
      }
    }
  }

  /** A client may end its side and still wait for the answer. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (sent || !answered) {
        context.close();
      }
    }
  }

  /** The connection is of no use any more; its log line would help nobody. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a connection failed", cause);
    context.close();
  }

  private void answer(ChannelHandlerContext context, HttpObject message) {
    if (message.decoderResult().isFailure() || !(message instanceof HttpRequest request)) {
      send(context, malformed(message.decoderResult().cause()), TEXT, "malformed request\n");
      return;
    }
    if (!request.method().equals(HttpMethod.GET)) {
      send(context, HttpResponseStatus.METHOD_NOT_ALLOWED, TEXT, "only GET\n");
      return;
    }
    switch (request.uri().replaceFirst("\\?.*", "")) {
      case "/livez" -> send(context, HttpResponseStatus.OK, TEXT, "ok\n");
      case "/readyz" -> later(context, () -> sendReady(context));
      case "/metrics" ->
          later(context, () -> send(context, HttpResponseStatus.OK, METRICS, metrics.get()));
      default -> send(context, HttpResponseStatus.NOT_FOUND, TEXT, "not found\n");
    }
  }

  private void sendReady(ChannelHandlerContext context) {
    boolean is = ready.getAsBoolean();
    send(
        context,
        is ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
        TEXT,
        is ? "ok\n" : "not serving\n");
  }

  private void later(ChannelHandlerContext context, Runnable answer) {
    try {
      worker.execute(
          () -> {
            try {
              answer.run();
            } catch (RuntimeException e) {
              log.warn("an HTTP answer failed", e);
              send(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, TEXT, "failed\n");
            }
          });
    } catch (RejectedExecutionException e) {
      send(context, HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT, "busy\n");
    }
  }

  private static HttpResponseStatus malformed(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return HttpResponseStatus.REQUEST_URI_TOO_LONG;
    }
    return cause instanceof TooLongHttpHeaderException
        ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        : HttpResponseStatus.BAD_REQUEST;
  }

  private void send(
      ChannelHandlerContext context, HttpResponseStatus status, String type, String text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, "close");
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, "GET");
    }
    context.writeAndFlush(response).addListener((ChannelFutureListener) this::endOutput);
  }

  private void endOutput(ChannelFuture written) {
    sent = true;
    SslHandler tls = written.channel().pipeline().get(SslHandler.class);
    if (inputEnded || !written.isSuccess()) {
      written.channel().close();
    } else if (tls != null) {
      // First TLS's own end, without which a client takes the answer for cut off.
      tls.closeOutbound().addListener((ChannelFutureListener) HttpAnswers::shutdownOutput);
    } else {
      shutdownOutput(written);
    }
  }

  private static void shutdownOutput(ChannelFuture ended) {
    if (ended.channel() instanceof DuplexChannel channel) {
      channel.shutdownOutput();
    }
  }
}
