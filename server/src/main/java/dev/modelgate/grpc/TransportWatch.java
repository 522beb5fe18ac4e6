package dev.modelgate.grpc;

import dev.modelgate.app.Telemetry;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameTypes;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the transport of one connection refuses by itself, before a call of ours sees it:
 * handshakes, metadata, pings, resets, calls and frames. Changes nothing of what passes.
 *
 * <p>It begins before all other handlers, where it sees a connection closed that never began to
 * speak HTTP/2; where there is TLS, it moves behind that. Why a connection is ended HTTP/2's own
 * listener tells; that a call is refused, the frame that says so. Runs on the event loop of the
 * connection.
 */
final class TransportWatch extends ChannelDuplexHandler {
  // A frame's head: 3 bytes of length, type, flags, 4 of the stream (RFC 9113, 4.1).
  private static final int TYPE_AT = 3;
  private static final int STREAM_AT = 5;
  private static final int HEAD_BYTES = 9;
  private static final int RESET_BYTES = HEAD_BYTES + 4;

  private final Telemetry telemetry;
  private @Nullable Http2ConnectionHandler http2;
  private boolean isCounted;

  private TransportWatch(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** Has a connection that was just accepted begin with this. */
  static void begin(Channel connection, Telemetry telemetry) {
    connection.pipeline().addFirst(new TransportWatch(telemetry));
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.fireChannelActive(); // By now the others are there.
    ChannelPipeline pipeline = context.pipeline();
    ChannelHandlerContext tls = pipeline.context(SslHandler.class);
    if (tls != null && pipeline.first() == this) {
      pipeline.addAfter(tls.name(), null, new TransportWatch(telemetry));
      pipeline.remove(this);
    } else {
      listen(pipeline);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    context.fireUserEventTriggered(event);
    if (event instanceof SslHandshakeCompletionEvent end) {
      if (end.isSuccess()) {
        listen(context.pipeline());
      } else if (!(end.cause() instanceof ClosedChannelException)) { // He has not just left.
        count("handshake");
      }
    }
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    Http2ConnectionHandler speaking = http2;
    if (context.channel().isActive()
        && (speaking == null || !speaking.decoder().prefaceReceived())) {
      count("handshake");
    }
    var unused = context.close(promise); // Whoever closes has the promise.
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf frame && isReset(frame)) {
      int begin = frame.readerIndex();
      reset(frame.getInt(begin + STREAM_AT), frame.getInt(begin + HEAD_BYTES));
    }
    var unused = context.write(message, promise);
  }

  /** Netty writes such a frame as one buffer. */
  private static boolean isReset(ByteBuf frame) {
    return frame.readableBytes() == RESET_BYTES
        && frame.getByte(frame.readerIndex() + TYPE_AT) == Http2FrameTypes.RST_STREAM;
  }

  private void reset(int streamId, int code) {
    if (code == Http2Error.REFUSED_STREAM.code()) {
      telemetry.limited("connection");
    } else if (code == Http2Error.PROTOCOL_ERROR.code() && http2 != null) {
      Http2Stream stream = http2.connection().stream(streamId);
      // Whose headers are too large gets headers alone (431) and is reset, as if he had ended. What
      // else is wrong with a stream comes to light while he still sends.
      if (stream != null
          && stream.isHeadersSent()
          && !stream.isTrailersSent()
          && !stream.state().remoteSideOpen()) {
        telemetry.limited("metadata");
      }
    }
  }

  private void listen(ChannelPipeline pipeline) {
    Http2ConnectionHandler found = pipeline.get(Http2ConnectionHandler.class);
    if (found == null || http2 != null) {
      return;
    }
    http2 = found;
    found
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onGoAwaySent(int lastStream, long code, ByteBuf reason) {
                if (code != Http2Error.NO_ERROR.code()) {
                  count(limit(reason.toString(StandardCharsets.US_ASCII)));
                }
              }
            });
  }

  /** By what gRPC and Netty say to the other side. */
  private static String limit(String reason) {
    if (reason.startsWith("Header size exceeded")) {
      return "metadata";
    }
    return switch (reason) {
      case "too_many_pings" -> "pings";
      case "too_many_rststreams" -> "resets";
      default -> "frames";
    };
  }

  /** The connection is refused; for one reason, the first. */
  private void count(String limit) {
    if (!isCounted) {
      isCounted = true;
      telemetry.limited(limit);
    }
  }
}
