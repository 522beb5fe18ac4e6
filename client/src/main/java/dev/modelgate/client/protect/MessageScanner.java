package dev.modelgate.client.protect;

import dev.modelgate.client.protect.FieldTree.Node;
import dev.modelgate.client.protect.FieldTree.Role;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads model and version from the bytes of one message, without its schema (hazard 36).
 *
 * <p>Invariant: what it tells is what every protobuf parser reads from the same bytes, or the
 * message is refused. Parsers keep the last of several occurrences and merge messages; so a second
 * occurrence of anything on the way is refused, and what is walked is walked to its end.
 */
final class MessageScanner {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int TYPE_BITS = 3;
  private static final int TYPE_MASK = 7;

  private final WireInput in;
  private final boolean integerVersion;
  private final Asked asked;
  private final boolean refuseSecond;

  // Of the unit that is read.
  private String model = "";
  private String version = "";
  private boolean versionSeen;
  private boolean labelSeen;

  private MessageScanner(WireInput in, boolean integerVersion, Asked asked, boolean refuseSecond) {
    this.in = in;
    this.integerVersion = integerVersion;
    this.asked = asked;
    this.refuseSecond = refuseSecond;
  }

  /**
   * Reads a message to its end.
   *
   * @param refuseSecond true but for a negative control
   * @throws MalformedException when parsers may disagree about it, or refuse it
   */
  static void scan(WireInput in, FieldTree tree, Asked asked, boolean refuseSecond) {
    new MessageScanner(in, tree.integerVersion(), asked, refuseSecond)
        .message(tree.root(), Long.MAX_VALUE);
  }

  private void message(Node node, long end) {
    if (node.unit) {
      beginUnit();
    }
    int seen = 0;
    while (in.position() < end && !(end == Long.MAX_VALUE && in.atEnd())) {
      int tag = in.tag();
      int index = node.indexOf(tag >>> TYPE_BITS);
      if (index < 0) {
        skip(tag & TYPE_MASK);
      } else {
        Node field = node.children().get(index);
        if (refuseSecond && !field.repeated && (seen & 1 << index) != 0) {
          throw new MalformedException(
              "a field that names the model, or is around it, stands twice");
        }
        seen |= 1 << index;
        field(field, tag & TYPE_MASK);
      }
      if (in.position() > end) {
        throw new MalformedException("a field that is longer than its message");
      }
    }
    if (node.unit) {
      endUnit();
    }
  }

  private void beginUnit() {
    model = "";
    version = "";
    versionSeen = false;
    labelSeen = false;
  }

  private void endUnit() {
    if (versionSeen && labelSeen) {
      // Of a oneof the last counts.
      throw new MalformedException("a version and a label");
    }
    asked.add(model, version);
  }

  private void field(Node field, int type) {
    boolean integer = field.role == Role.VERSION && integerVersion;
    if (type != (integer ? VARINT : BYTES)) {
      throw new MalformedException(
          "a field that names the model, or is around it, of another type");
    }
    versionSeen |= field.role == Role.VERSION || field.holds == Role.VERSION;
    labelSeen |= field.role == Role.LABEL || field.holds == Role.LABEL;
    switch (field.role) {
      case MESSAGE -> {
        long inner = in.length() + in.position();
        if (field.holds == Role.VERSION && integerVersion) {
          version = "0"; // What the field in it is when it is left out.
        }
        message(field, inner);
      }
      case MODEL -> model = text();
      case VERSION -> version = integer ? number(in.varint(), version) : text();
      case LABEL -> text();
    }
  }

  private static String number(long value, String before) {
    if (value < 0 || value == 0 && before.isEmpty()) {
      // Written out where 0 is the same as nothing, it is one or the other.
      throw new MalformedException("a version below 0, or of 0 that may stand for none");
    }
    return Long.toString(value);
  }

  private String text() {
    int length = in.length();
    if (length > ResourceNames.SEGMENT_BYTES_MAX) {
      throw new MalformedException(
          "a name of more than " + ResourceNames.SEGMENT_BYTES_MAX + " bytes");
    }
    byte[] bytes = new byte[length];
    in.read(bytes);
    return utf8(bytes);
  }

  private static String utf8(byte[] bytes) {
    int bits = 0;
    for (byte octet : bytes) {
      bits |= octet;
    }
    if (bits >= 0) {
      return new String(bytes, StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("a name that is not UTF-8");
    }
  }

  private void skip(int type) {
    switch (type) {
      case VARINT -> in.varint();
      case FIXED64 -> in.skip(Long.BYTES);
      case BYTES -> in.skip(in.length());
      case FIXED32 -> in.skip(Integer.BYTES);
      default -> throw new MalformedException("a group, or a field of no known type");
    }
  }
}
