package dev.modelgate.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A call that begins a message and does not end it, in frames of HTTP/2 written by hand. */
final class RawCall implements AutoCloseable {
  private static final int FRAME_BYTES_MAX = 16_384;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;

  private final Socket socket;
  private final OutputStream out;
  private final Thread reader;

  private RawCall(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    InputStream in = socket.getInputStream();
    // What comes back must be taken, or the other side stops.
    this.reader =
        new Thread(
            () -> {
              try {
                var unused = in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The end.
              }
            });
    reader.setDaemon(true);
  }

  static RawCall open(int port) throws IOException {
    RawCall call = new RawCall(new Socket(InetAddress.getLoopbackAddress(), port));
    call.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    call.frame(SETTINGS, 0, 0, new byte[0]);
    call.frame(SETTINGS, ACK, 0, new byte[0]);
    call.reader.start();
    return call;
  }

  /** Sends headers, and the head of a message of that size. */
  RawCall begin(String path, int size) throws IOException {
    ByteBuffer headers = ByteBuffer.allocate(1_000);
    header(headers, ":method", "POST");
    header(headers, ":scheme", "http");
    header(headers, ":path", path);
    header(headers, ":authority", "localhost");
    header(headers, "content-type", "application/grpc");
    header(headers, "te", "trailers");
    byte[] block = new byte[headers.position()];
    headers.flip().get(block);
    frame(HEADERS, END_HEADERS, 1, block);
    frame(DATA, 0, 1, ByteBuffer.allocate(5).put((byte) 0).putInt(size).array());
    return this;
  }

  /** Sends bytes of the message, as fast as they go: the windows of a reader are not looked at. */
  void send(int bytes) throws IOException {
    for (int left = bytes; left > 0; left -= FRAME_BYTES_MAX) {
      frame(DATA, 0, 1, new byte[Math.min(left, FRAME_BYTES_MAX)]);
    }
  }

  private static void header(ByteBuffer into, String name, String value) {
    into.put((byte) 0)
        .put((byte) name.length())
        .put(name.getBytes(StandardCharsets.US_ASCII))
        .put((byte) value.length())
        .put(value.getBytes(StandardCharsets.US_ASCII));
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.write(
        ByteBuffer.allocate(9 + payload.length)
            .put((byte) (payload.length >>> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
