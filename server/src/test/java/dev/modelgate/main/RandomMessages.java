package dev.modelgate.main;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import java.util.List;
import java.util.Random;

/**
 * Messages of any type that are well formed and make no sense: each field set or not, with words of
 * the sample organization, extremes, and text that somebody careless would print, run or look up.
 */
final class RandomMessages {
  private static final int DEPTH_MAX = 5;

  private static final List<String> WORDS =
      List.of(
          "",
          " ",
          "organizations/acme",
          "organizations/acme",
          "organizations/acme",
          SidecarBed.PROD,
          SidecarBed.FRAUD,
          SidecarBed.FRAUD,
          SidecarBed.CHURN,
          "organizations/none/models/x",
          "organizations/",
          "organizations/system",
          "organizations/acme/environments/prod/models/fraud/versions/1",
          "user:ana@acme.com",
          "user:ana@acme.com",
          "user:ANA@acme.com",
          "group:risk",
          "group:risk",
          "serviceAccount:scorer",
          "allUsers",
          "link:a",
          "user:",
          "owner",
          "user",
          "viewer",
          "predict",
          "fraud",
          "acme",
          "modelgate",
          "*",
          "\u0000",
          "\u202e\u2028",
          "\ud83d\ude00",
          "%2e%2e%2f%00",
          "../../../../etc/passwd",
          "${jndi:ldap://localhost/x}",
          "'; drop table grants; --",
          "<script>",
          "true",
          "request.time < timestamp('2999-01-01T00:00:00Z')",
          "1 == 1 && [1,2,3].all(x, x in [1])",
          "((((((((((((((((((((((((((((((",
          "name: x\nroles: [*a]",
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "1.2.3",
          "x".repeat(300),
          "y".repeat(70_000));

  private static final long[] NUMBERS = {
    0, 1, -1, 2, 3, 1000, 1001, 253_402_300_800L, Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE
  };

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  /** The next one of that type. */
  DynamicMessage of(Descriptor type) {
    return of(type, 0);
  }

  /** Its bytes with some of them changed, cut out or put in. */
  byte[] damaged(byte[] message) {
    ByteString bytes = ByteString.copyFrom(message);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.size() + 1);
      ByteString end = bytes.substring(at);
      byte[] noise = new byte[random.nextInt(6)];
      random.nextBytes(noise);
      int cut = Math.min(end.size(), random.nextInt(4));
      bytes = bytes.substring(0, at).concat(ByteString.copyFrom(noise)).concat(end.substring(cut));
    }
    return bytes.toByteArray();
  }

  private DynamicMessage of(Descriptor type, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      boolean isDeep =
          field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth >= DEPTH_MAX;
      if (isDeep || random.nextInt(10) < 3) {
        continue;
      }
      if (field.isRepeated()) {
        for (int i = random.nextInt(3); i > 0; i--) {
          message.addRepeatedField(field, value(field, depth));
        }
      } else {
        message.setField(field, value(field, depth));
      }
    }
    return message.build();
  }

  private Object value(FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case STRING -> WORDS.get(random.nextInt(WORDS.size()));
      case BYTE_STRING -> ByteString.copyFromUtf8(WORDS.get(random.nextInt(WORDS.size())));
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) number();
      case LONG -> number();
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case ENUM -> constant(field.getEnumType());
      case MESSAGE -> of(field.getMessageType(), depth + 1);
    };
  }

  private long number() {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private Object constant(EnumDescriptor type) {
    return type.findValueByNumberCreatingIfUnknown(
        random.nextInt(8) == 0 ? (int) number() : random.nextInt(type.getValues().size()));
  }
}
