package dev.modelgate.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Digest;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Revision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Reads what every mutation carries: {@code request_id}, {@code reason} and {@code base_revision},
 * which have the same numbers in every request.
 */
final class Orders {
  private static final int REQUEST_ID = 100;
  private static final int REASON = 101;
  private static final int BASE_REVISION = 102;

  private Orders() {}

  /**
   * The order in a request.
   *
   * @param method the RPC's name; part of the command's digest
   * @throws dev.modelgate.model.RefusedException INVALID_FIELD, LIMIT_EXCEEDED, REVISION_INVALID
   */
  static Order of(String method, Message request, Requester requester) {
    RequestId requestId = requestId(text(request, REQUEST_ID));
    String baseRevision = text(request, BASE_REVISION);
    if (!baseRevision.isEmpty()) {
      if (!requestId.isPresent()) {
        throw Fields.invalid("base_revision", baseRevision, "a request_id beside it");
      }
      if (Revision.parse(baseRevision).isEmpty()) {
        throw Refusal.ofField(
                Fault.REVISION_INVALID,
                "base_revision",
                baseRevision,
                "a revision of an earlier answer")
            .asException();
      }
    }
    return new Order(
        requester,
        requestId,
        requestId.isPresent() ? digest(method, request) : new byte[0],
        Fields.prose("reason", text(request, REASON)),
        baseRevision);
  }

  /** A message in the one form that equal messages share on this server. */
  static byte[] deterministic(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("an array is written without errors", e);
    }
    return bytes;
  }

  private static RequestId requestId(String text) {
    Fields.atMost("request_id", text.length(), RequestId.CHARS_MAX);
    try {
      return new RequestId(text);
    } catch (IllegalArgumentException e) {
      throw Fields.invalid("request_id", text, "printable ASCII characters");
    }
  }

  /** SHA-256 over the method's name and the request without what changes between its retries. */
  private static byte[] digest(String method, Message request) {
    Message command =
        request.toBuilder()
            .clearField(field(request, REQUEST_ID))
            .clearField(field(request, BASE_REVISION))
            .build();
    MessageDigest digest = Digest.sha256();
    digest.update((method + "\0").getBytes(StandardCharsets.UTF_8));
    return digest.digest(deterministic(command));
  }

  private static String text(Message request, int number) {
    return (String) request.getField(field(request, number));
  }

  private static FieldDescriptor field(Message request, int number) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByNumber(number);
    if (field == null) {
      throw new IllegalStateException(
          request.getDescriptorForType().getName() + " is no mutation: it lacks field " + number);
    }
    return field;
  }
}
