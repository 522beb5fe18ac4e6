package dev.modelgate.client.protect;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.modelgate.client.protect.FieldTree.Node;
import dev.modelgate.client.protect.FieldTree.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads model and version from a parsed message, the one that the handler gets, by the same paths
 * as {@link MessageScanner} from its bytes.
 */
final class MessageFields {
  private final boolean integerVersion;
  private final Asked asked;

  // Of the unit that is read.
  private String model = "";
  private String version = "";
  private boolean versionSeen;
  private boolean labelSeen;

  private MessageFields(boolean integerVersion, Asked asked) {
    this.integerVersion = integerVersion;
    this.asked = asked;
  }

  /**
   * Reads a message.
   *
   * @throws MalformedException when it names both a version and a label
   * @throws IllegalArgumentException when its type has no such fields
   */
  static void read(Message message, FieldTree tree, Asked asked) {
    new MessageFields(tree.integerVersion(), asked).message(message, tree.root());
  }

  private void message(Message message, Node node) {
    if (node.unit) {
      model = "";
      version = "";
      versionSeen = false;
      labelSeen = false;
    }
    for (Node child : node.children()) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByNumber(child.number);
      requireType(message, child, field);
      if (child.role != Role.MESSAGE) {
        leaf(message, child, field);
      } else if (child.repeated) {
        for (Object element : (List<?>) message.getField(field)) {
          message((Message) element, child);
        }
      } else if (message.hasField(field)) {
        versionSeen |= child.holds == Role.VERSION;
        labelSeen |= child.holds == Role.LABEL;
        message((Message) message.getField(field), child);
        if (child.holds == Role.VERSION && integerVersion && version.isEmpty()) {
          version = "0";
        }
      }
    }
    if (node.unit) {
      if (versionSeen && labelSeen) {
        throw new MalformedException("a version and a label");
      }
      asked.add(model, version);
    }
  }

  private void requireType(Message message, Node node, @Nullable FieldDescriptor field) {
    boolean fits =
        field != null
            && field.isRepeated() == node.repeated
            && switch (field.getType()) {
              case MESSAGE -> node.role == Role.MESSAGE;
              case STRING -> node.role != Role.MESSAGE && !isInteger(node);
              case INT32, INT64, UINT32, UINT64 -> isInteger(node);
              default -> false;
            };
    if (!fits) {
      throw new IllegalArgumentException(
          "field "
              + node.number
              + " of `"
              + message.getDescriptorForType().getFullName()
              + "` is not what the rule of the method says");
    }
  }

  private boolean isInteger(Node node) {
    return node.role == Role.VERSION && integerVersion;
  }

  private void leaf(Message message, Node node, FieldDescriptor field) {
    Object value = message.getField(field);
    boolean present = field.hasPresence() ? message.hasField(field) : !isDefault(value);
    if (!present) {
      return;
    }
    switch (node.role) {
      case MODEL -> model = (String) value;
      case VERSION -> {
        versionSeen = true;
        version = value instanceof Number number ? text(number, field) : (String) value;
      }
      case LABEL -> labelSeen = true;
      case MESSAGE -> throw new IllegalStateException("a message is no leaf");
    }
  }

  private static boolean isDefault(Object value) {
    return value instanceof Number number ? number.longValue() == 0 : value.equals("");
  }

  private static String text(Number value, FieldDescriptor field) {
    if (value.longValue() < 0) {
      throw new MalformedException("a version below 0, or of 0 that may stand for none");
    }
    return field.getType() == FieldDescriptor.Type.UINT32
        ? Integer.toUnsignedString(value.intValue())
        : Long.toString(value.longValue());
  }
}
