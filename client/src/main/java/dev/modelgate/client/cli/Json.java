package dev.modelgate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Protobuf's JSON, strict when read: an unknown field is an error. */
final class Json {
  /** Every field is there, also one that is empty: programs need not know the defaults. */
  private static final JsonFormat.Printer PRETTY =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence();

  private static final JsonFormat.Printer LINE =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final JsonFormat.Parser STRICT = JsonFormat.parser();

  private Json() {}

  /** Prints over several lines. */
  static String pretty(MessageOrBuilder message) {
    return print(PRETTY, message);
  }

  /** Prints on one line. */
  static String line(MessageOrBuilder message) {
    return print(LINE, message);
  }

  /**
   * Reads a line into a message.
   *
   * @throws InvalidProtocolBufferException if it is not the JSON of this message
   */
  static void parse(String line, Message.Builder into) throws InvalidProtocolBufferException {
    STRICT.merge(line, into);
  }

  static Value string(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  static Value bool(boolean value) {
    return Value.newBuilder().setBoolValue(value).build();
  }

  static Value struct(Struct value) {
    return Value.newBuilder().setStructValue(value).build();
  }

  /**
   * The values of an object, as a question takes them.
   *
   * @throws IllegalArgumentException for a null, which a question does not take
   */
  static Map<String, Object> map(Struct object) {
    Map<String, Object> map = new LinkedHashMap<>();
    object.getFieldsMap().forEach((name, value) -> map.put(name, value(value)));
    return map;
  }

  private static Object value(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRUCT_VALUE -> map(value.getStructValue());
      case LIST_VALUE -> value.getListValue().getValuesList().stream().map(Json::value).toList();
      case NULL_VALUE, KIND_NOT_SET -> throw new IllegalArgumentException("null");
    };
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of the contract has a JSON form", e);
    }
  }
}
