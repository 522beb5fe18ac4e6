package dev.modelgate.bench.peers;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A protobuf message written field by field, numbers instead of names: no schema, no stubs. */
final class Wire {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  Wire text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Wire message(int field, Wire value) {
    return bytes(field, value.bytes());
  }

  Wire number(int field, long value) {
    try {
      out.writeInt64(field, value);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] bytes() {
    try {
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Wire bytes(int field, byte[] value) {
    try {
      out.writeByteArray(field, value);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The number in the field that the path leads to, the first of each that repeats; 0, proto's
   * default, without it.
   */
  static long number(byte[] message, int... path) throws IOException {
    ByteString at = ByteString.copyFrom(message);
    for (int depth = 0; depth + 1 < path.length; depth++) {
      CodedInputStream in = at.newCodedInput();
      if (!find(in, path[depth])) {
        return 0;
      }
      at = in.readBytes();
    }
    CodedInputStream in = at.newCodedInput();
    return find(in, path[path.length - 1]) ? in.readInt64() : 0;
  }

  /** The text in a field of the message itself, empty without it. */
  static String text(byte[] message, int field) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    return find(in, field) ? in.readString() : "";
  }

  private static boolean find(CodedInputStream in, int field) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == field) {
        return true;
      }
      in.skipField(tag);
    }
    return false;
  }
}
