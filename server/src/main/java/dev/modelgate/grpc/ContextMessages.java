package dev.modelgate.grpc;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.app.check.Request;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.v1.CheckRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the context of a check: its bounds are held at once, its values are converted only when a
 * condition asks for them.
 */
final class ContextMessages {
  /** The largest context, in bytes of its encoding. */
  static final int BYTES_MAX = 64 * 1024;

  /** The longest secret of a link that is looked at, in characters. */
  static final int SECRET_CHARS_MAX = 256;

  /** How deep structures and lists of a context may nest. */
  static final int DEPTH_MAX = 32;

  private ContextMessages() {}

  /** What a check brings along; most bring nothing, and then nothing is made or looked into. */
  static Request of(CheckRequest request) {
    return request.hasContext() || !request.getLinkSecret().isEmpty()
        ? request(request.getContext(), request.getLinkSecret())
        : Request.EMPTY;
  }

  /**
   * What a check brings along.
   *
   * @param linkSecret the secret of the link that asks; empty for everybody else
   * @throws RefusedException LIMIT_EXCEEDED beyond {@value #BYTES_MAX} bytes, INVALID_FIELD for one
   *     that nests deeper than {@value #DEPTH_MAX} levels or has a value that is none
   */
  static Request request(Struct context, String linkSecret) {
    if (linkSecret.length() > SECRET_CHARS_MAX) {
      throw Refusal.ofSize("link_secret", linkSecret.length(), SECRET_CHARS_MAX).asException();
    }
    if (context.getFieldsCount() == 0) {
      return linkSecret.isEmpty() ? Request.EMPTY : new Request(Map::of, linkSecret);
    }
    int bytes = context.getSerializedSize();
    if (bytes > BYTES_MAX) {
      throw Refusal.ofSize("context", bytes, BYTES_MAX).asException();
    }
    require(context, 1);
    return new Request(() -> map(context), linkSecret);
  }

  private static void require(Struct struct, int level) {
    requireLevel(level);
    for (Value value : struct.getFieldsMap().values()) {
      require(value, level);
    }
  }

  private static void require(Value value, int level) {
    switch (value.getKindCase()) {
      case STRUCT_VALUE -> require(value.getStructValue(), level + 1);
      case LIST_VALUE -> {
        requireLevel(level + 1);
        for (Value item : value.getListValue().getValuesList()) {
          require(item, level + 1);
        }
      }
      case KIND_NOT_SET -> throw invalid("a value without a kind", "JSON values");
      case NULL_VALUE, BOOL_VALUE, NUMBER_VALUE, STRING_VALUE -> {}
    }
  }

  private static void requireLevel(int level) {
    if (level > DEPTH_MAX) {
      throw invalid("deeper nesting", "at most " + DEPTH_MAX + " levels");
    }
  }

  private static Map<String, Object> map(Struct struct) {
    Map<String, Object> map = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> map.put(key, value(value)));
    return map;
  }

  private static List<Object> list(ListValue values) {
    List<Object> list = new ArrayList<>(values.getValuesCount());
    values.getValuesList().forEach(value -> list.add(value(value)));
    return list;
  }

  private static @Nullable Object value(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> map(value.getStructValue());
      case LIST_VALUE -> list(value.getListValue());
      case BOOL_VALUE -> value.getBoolValue();
      case NUMBER_VALUE -> value.getNumberValue();
      case STRING_VALUE -> value.getStringValue();
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static RefusedException invalid(String value, String expected) {
    return Refusal.ofField(Fault.INVALID_FIELD, "context", value, expected).asException();
  }
}
