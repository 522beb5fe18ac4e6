package dev.modelgate.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a request of the contract is about, whichever it is: by the names of its fields, which mean
 * the same in every message. Reads texts that name things, and the two that say why; never a
 * secret, a document or a value.
 */
final class RequestFacts {
  private static final Set<String> RESOURCES = Set.of("resource", "name", "model", "parent");
  private static final Set<String> PRINCIPALS =
      Set.of("principal", "principals", "member", "group", "new_owner", "previous_owner", "name");
  private static final String PREFIX = "organizations/";

  /** The most fields that are looked at, so that a large request costs no more than a small one. */
  private static final int FIELDS_MAX = 200;

  private static final int DEPTH_MAX = 4;
  private static final int PRINCIPALS_MAX = 10;

  private final Set<String> principals = new LinkedHashSet<>();
  private String organization = "";
  private String resource = "";
  private String reason = "";
  private String requestId = "";
  private int fields;

  private RequestFacts() {}

  /** The facts of a request; none of one that is no message. */
  static RequestFacts of(Object request) {
    RequestFacts facts = new RequestFacts();
    if (request instanceof Message message) {
      facts.read(message, 0);
    }
    return facts;
  }

  /** The id of the organization, or empty. */
  String organization() {
    return organization;
  }

  /** The first name of a resource, or empty. */
  String resource() {
    return resource;
  }

  List<String> principals() {
    return List.copyOf(principals);
  }

  String reason() {
    return reason;
  }

  String requestId() {
    return requestId;
  }

  private void read(Message message, int depth) {
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getValue() instanceof List<?> values) {
        for (Object value : values) {
          read(field.getKey(), value, depth);
        }
      } else {
        read(field.getKey(), field.getValue(), depth);
      }
      if (fields >= FIELDS_MAX) {
        return;
      }
    }
  }

  private void read(FieldDescriptor field, Object value, int depth) {
    if (++fields > FIELDS_MAX) {
      return;
    }
    if (value instanceof Message message) {
      if (depth < DEPTH_MAX && !field.isMapField()) {
        read(message, depth + 1);
      }
    } else if (value instanceof String text) {
      read(field.getName(), text, depth);
    }
  }

  private void read(String name, String text, int depth) {
    if (name.equals("organization") || RESOURCES.contains(name)) {
      takeName(name, text);
    }
    if (PRINCIPALS.contains(name) && principals.size() < PRINCIPALS_MAX && isPrincipal(text)) {
      principals.add(text);
    }
    if (depth == 0 && name.equals("reason")) {
      reason = text;
    }
    if (depth == 0 && name.equals("request_id")) {
      requestId = text;
    }
  }

  private void takeName(String name, String text) {
    if (!text.startsWith(PREFIX)) {
      return;
    }
    int end = text.indexOf('/', PREFIX.length());
    if (organization.isEmpty()) {
      organization = text.substring(PREFIX.length(), end < 0 ? text.length() : end);
    }
    if (resource.isEmpty() && !name.equals("organization")) {
      resource = text;
    }
  }

  private static boolean isPrincipal(String text) {
    try {
      PrincipalName.parse(text);
      return true;
    } catch (InvalidNameException e) {
      return false;
    }
  }
}
