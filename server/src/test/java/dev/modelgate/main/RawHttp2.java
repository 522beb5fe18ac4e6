package dev.modelgate.main;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Frames of HTTP/2 written by hand (RFC 9113), right or wrong, on a socket of its own. */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int ACK = 1;

  private static final int WAIT_MS_MAX = 20_000;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;

  RawHttp2(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Speaks on a connection that is there. */
  RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(WAIT_MS_MAX);
    this.out = socket.getOutputStream();
    this.in = socket.getInputStream();
  }

  /** The beginning of a connection as it ought to be. */
  static byte[] opening() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(PREFACE);
    bytes.writeBytes(frame(SETTINGS, 0, 0));
    return bytes.toByteArray();
  }

  static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >>> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** The headers of a call, each as a literal that no table keeps (RFC 7541, 6.2.2). */
  static byte[] callHeaders(String path, String... more) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    String[] usual = {
      ":method",
      "POST",
      ":scheme",
      "http",
      ":path",
      path,
      ":authority",
      "localhost",
      "te",
      "trailers",
      "content-type",
      "application/grpc"
    };
    for (String[] headers : new String[][] {usual, more}) {
      for (int i = 0; i < headers.length; i += 2) {
        block.write(0);
        text(block, headers[i]);
        text(block, headers[i + 1]);
      }
    }
    return block.toByteArray();
  }

  /** A message as gRPC frames it, uncompressed. */
  static byte[] message(byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** Writes; answers whether the other side still takes it. */
  boolean write(byte[] bytes) {
    try {
      out.write(bytes);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  /** Whether the other side still answers: a ping, after whatever else it has to say. */
  boolean isAlive() {
    byte[] mine = {1, 2, 3, 4, 5, 6, 7, 8};
    boolean taken = write(frame(PING, 0, 0, mine));
    try {
      byte[] header = taken ? in.readNBytes(9) : new byte[0];
      while (header.length == 9) {
        ByteBuffer head = ByteBuffer.wrap(header);
        byte[] payload = in.readNBytes(head.getInt(0) >>> 8);
        if (head.get(3) == GOAWAY) {
          return false;
        }
        if (head.get(3) == PING && (head.get(4) & ACK) != 0 && Arrays.equals(payload, mine)) {
          return true;
        }
        header = in.readNBytes(9);
      }
    } catch (IOException reset) {
      return false;
    }
    return false;
  }

  /** Reads until the other side closes; answers the last GOAWAY's error code, or -1. */
  int readToEnd() {
    int code = -1;
    try {
      byte[] header = in.readNBytes(9);
      while (header.length == 9) {
        ByteBuffer head = ByteBuffer.wrap(header);
        int length = head.getInt(0) >>> 8;
        byte[] payload = in.readNBytes(length);
        if (head.get(3) == GOAWAY && payload.length >= 8) {
          code = ByteBuffer.wrap(payload).getInt(4);
        }
        header = in.readNBytes(9);
      }
    } catch (IOException reset) {
      return code;
    }
    return code;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int left = bytes.length;
    if (left < 127) {
      block.write(left);
    } else {
      block.write(127);
      left -= 127;
      while (left >= 128) {
        block.write(left % 128 + 128);
        left /= 128;
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }
}
