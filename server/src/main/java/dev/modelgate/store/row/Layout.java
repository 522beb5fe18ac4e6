package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.UndecodableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The shapes that several rows share. */
final class Layout {
  private static final int FORMAT = 1;
  private static final int LIST_MAX = 1 << 16;

  private Layout() {}

  static ByteWriter begin() {
    return new ByteWriter(48).fixed8(FORMAT);
  }

  static ByteReader begin(byte[] value) {
    ByteReader in = new ByteReader(value);
    int format = in.fixed8();
    if (format != FORMAT) {
      throw new UndecodableException("unknown row format " + format);
    }
    return in;
  }

  static byte[] key(Uid uid) {
    return new ByteWriter(8).fixed64(uid.value()).toBytes();
  }

  static byte[] key(Uid first, Uid second) {
    return new ByteWriter(16).fixed64(first.value()).fixed64(second.value()).toBytes();
  }

  static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Uid uid(long value) {
    if (value < 0) {
      throw new UndecodableException("a uid is negative");
    }
    return new Uid(value);
  }

  static <E> E constant(E[] constants, ByteReader in) {
    return constants[in.varint(constants.length - 1)];
  }

  static void texts(ByteWriter out, List<String> texts) {
    out.varint(texts.size());
    texts.forEach(out::text);
  }

  static List<String> texts(ByteReader in) {
    return list(in, ByteReader::text);
  }

  static <T> List<T> list(ByteReader in, Function<ByteReader, T> item) {
    int size = in.varint(LIST_MAX);
    List<T> items = new ArrayList<>(Math.min(size, 64));
    for (int i = 0; i < size; i++) {
      items.add(item.apply(in));
    }
    return items;
  }

  /** Runs a decoder and turns the refusals of the records that it builds into undecodable bytes. */
  static <T> T strictly(Function<ByteReader, T> decoder, byte[] value) {
    ByteReader in = begin(value);
    try {
      T row = decoder.apply(in);
      in.end();
      return row;
    } catch (IllegalArgumentException e) {
      throw new UndecodableException("a row is out of range: " + e.getMessage());
    }
  }
}
