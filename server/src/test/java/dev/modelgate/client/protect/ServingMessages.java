package dev.modelgate.client.protect;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.List;

/**
 * The request messages of real prediction servers, as far as they are about models: {@code
 * inference.ModelInferRequest} of the Open Inference Protocol, and TensorFlow Serving's {@code
 * PredictRequest} and {@code MultiInferenceRequest} with their {@code ModelSpec}.
 */
final class ServingMessages {
  /**
   * A method and the message that its server parses.
   *
   * @param protocol that has its rule
   */
  record Served(String protocol, String method, Descriptor request) {}

  private static final FileDescriptor FILE = file();

  /** All of them. */
  static final List<Served> ALL =
      List.of(
          new Served(
              "open-inference",
              "inference.GRPCInferenceService/ModelInfer",
              FILE.findMessageTypeByName("ModelInferRequest")),
          new Served(
              "open-inference",
              "inference.GRPCInferenceService/RepositoryModelLoad",
              FILE.findMessageTypeByName("RepositoryModelLoadRequest")),
          new Served(
              "tensorflow-serving",
              "tensorflow.serving.PredictionService/Predict",
              FILE.findMessageTypeByName("PredictRequest")),
          new Served(
              "tensorflow-serving",
              "tensorflow.serving.PredictionService/MultiInference",
              FILE.findMessageTypeByName("MultiInferenceRequest")));

  private ServingMessages() {}

  private static FileDescriptor file() {
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("serving.proto")
            .setSyntax("proto3")
            .addMessageType(
                message("ModelInferRequest")
                    .addField(text("model_name", 1))
                    .addField(text("model_version", 2))
                    .addField(text("id", 3))
                    .addField(
                        many("raw_input_contents", 7, FieldDescriptorProto.Type.TYPE_BYTES, "")))
            .addMessageType(
                message("RepositoryModelLoadRequest")
                    .addField(text("repository_name", 1))
                    .addField(text("model_name", 2)))
            .addMessageType(
                message("Int64Value")
                    .addField(field("value", 1, FieldDescriptorProto.Type.TYPE_INT64, "")))
            .addMessageType(
                message("ModelSpec")
                    .addOneofDecl(OneofDescriptorProto.newBuilder().setName("version_choice"))
                    .addField(text("name", 1))
                    .addField(
                        field("version", 2, FieldDescriptorProto.Type.TYPE_MESSAGE, ".Int64Value")
                            .setOneofIndex(0))
                    .addField(text("signature_name", 3))
                    .addField(text("version_label", 4).setOneofIndex(0)))
            .addMessageType(
                message("PredictRequest")
                    .addField(
                        field(
                            "model_spec", 1, FieldDescriptorProto.Type.TYPE_MESSAGE, ".ModelSpec"))
                    .addField(many("output_filter", 3, FieldDescriptorProto.Type.TYPE_STRING, "")))
            .addMessageType(
                message("InferenceTask")
                    .addField(
                        field(
                            "model_spec", 1, FieldDescriptorProto.Type.TYPE_MESSAGE, ".ModelSpec"))
                    .addField(text("method_name", 2)))
            .addMessageType(
                message("MultiInferenceRequest")
                    .addField(
                        many("tasks", 1, FieldDescriptorProto.Type.TYPE_MESSAGE, ".InferenceTask")))
            .build();
    try {
      return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DescriptorProto.Builder message(String name) {
    return DescriptorProto.newBuilder().setName(name);
  }

  private static FieldDescriptorProto.Builder text(String name, int number) {
    return field(name, number, FieldDescriptorProto.Type.TYPE_STRING, "");
  }

  private static FieldDescriptorProto.Builder many(
      String name, int number, FieldDescriptorProto.Type type, String message) {
    return field(name, number, type, message).setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
  }

  private static FieldDescriptorProto.Builder field(
      String name, int number, FieldDescriptorProto.Type type, String message) {
    FieldDescriptorProto.Builder field =
        FieldDescriptorProto.newBuilder()
            .setName(name)
            .setNumber(number)
            .setType(type)
            .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    return message.isEmpty() ? field : field.setTypeName(message);
  }
}
