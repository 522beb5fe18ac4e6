package dev.modelgate.gateway;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.PendingWriteQueue;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first bytes of a connection: one that speaks HTTP/1 gets an answer that it
 * understands, all others go on without this handler. gRPC by itself sends the settings of HTTP/2
 * to everybody who connects, so until then what is written waits here.
 */
final class OnlyHttp2 extends ChannelDuplexHandler {
  private static final String TEXT = "this port speaks gRPC, which is HTTP/2 alone\n";
  private static final byte[] ANSWER =
      ("HTTP/1.1 505 HTTP Version Not Supported\r\n"
              + "Content-Type: text/plain; charset=utf-8\r\n"
              + ("Content-Length: " + TEXT.length() + "\r\n")
              + "Connection: close\r\n\r\n"
              + TEXT)
          .getBytes(StandardCharsets.US_ASCII);

  /** Enough to tell HTTP/2's {@code PRI} from {@code PUT}. */
  private static final int LOOK_BYTES = 3;

  private ByteBuf first = Unpooled.EMPTY_BUFFER;
  private @Nullable PendingWriteQueue waiting;
  private boolean answered;

  /** Has a connection that was just accepted begin with this. */
  static void expect(Channel connection) {
    connection.pipeline().addLast(new OnlyHttp2());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    waiting = new PendingWriteQueue(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (answered) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf bytes = (ByteBuf) message;
    first = first.isReadable() ? Unpooled.wrappedBuffer(first, bytes) : bytes;
    if (first.readableBytes() < LOOK_BYTES) {
      return;
    }
    if (isHttp1(first)) {
      answered = true;
      var unused =
          context
              .writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
              .addListener(ChannelFutureListener.CLOSE);
      // Only now, for gRPC closes the connection when a write of its own fails.
      fail();
      free();
    } else {
      ByteBuf begun = first;
      first = Unpooled.EMPTY_BUFFER;
      context.pipeline().remove(this);
      context.fireChannelRead(begun);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    PendingWriteQueue queue = waiting;
    if (queue != null && !answered) {
      queue.add(message, promise);
    } else {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new IllegalStateException("answered in HTTP/1"));
    }
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    // With the first bytes that come.
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    PendingWriteQueue queue = waiting;
    if (queue != null && context.channel().isActive()) {
      var unused = queue.removeAndWriteAll();
      context.flush();
    }
    fail();
    free();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail();
    free();
    context.fireChannelInactive();
  }

  private void fail() {
    PendingWriteQueue queue = waiting;
    if (queue != null && !queue.isEmpty()) {
      queue.removeAndFailAll(new IllegalStateException("the connection speaks no HTTP/2"));
    }
  }

  private void free() {
    first.release();
    first = Unpooled.EMPTY_BUFFER;
  }

  private static boolean isHttp1(ByteBuf bytes) {
    for (int i = 0; i < LOOK_BYTES; i++) {
      byte octet = bytes.getByte(bytes.readerIndex() + i);
      if (octet < 'A' || octet > 'Z') {
        return false;
      }
    }
    return bytes.getByte(bytes.readerIndex()) != 'P'
        || bytes.getByte(bytes.readerIndex() + 1) != 'R';
  }
}
