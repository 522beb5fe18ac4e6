package dev.modelgate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The attributes of a request. */
final class ContextOptions {
  @Option(
      names = "--context",
      paramLabel = "JSON",
      description = "Attributes for conditions: an object, as '{\"device\":{\"trusted\":true}}'.")
  private String context = "{}";

  /**
   * The object as a question takes it.
   *
   * @throws ParameterException if it is none, or has a null in it
   */
  Map<String, Object> toMap(CommonOptions common) {
    try {
      return Json.map(parse());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new ParameterException(
          common.spec().commandLine(),
          "--context: `" + context + "` (expected: a JSON object without nulls)",
          e);
    }
  }

  /**
   * The object as requests take it.
   *
   * @throws ParameterException as {@link #toMap}
   */
  Struct toStruct(CommonOptions common) {
    toMap(common);
    try {
      return parse();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("what was parsed once is parsed again", e);
    }
  }

  private Struct parse() throws InvalidProtocolBufferException {
    Struct.Builder object = Struct.newBuilder();
    Json.parse(context, object);
    return object.build();
  }
}
