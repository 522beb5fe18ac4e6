package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comments of {@code error.proto} promise of each reason: the gRPC code and the keys of
 * the metadata. Every error that a test looks at is held against it.
 */
public final class ErrorContract {
  private static final Path PROTO = Path.of("../proto/modelgate/v1/error.proto");
  private static final Pattern REASON =
      Pattern.compile("((?: *// [^\\n]*\\n)+) *ERROR_REASON_([A-Z_]+) = \\d+;");
  private static final Pattern KEY = Pattern.compile("`([a-z_]+)`");

  /** What an import adds to the error of one of its items. */
  private static final Set<String> OF_IMPORTS = Set.of("item", "line", "applied_records");

  private static final Map<String, Promise> PROMISES = read();

  private record Promise(Status.Code code, Set<String> keys) {}

  private ErrorContract() {}

  /** Refuses an error that is not as promised. */
  public static void requireKept(Status.Code code, ErrorInfo info) {
    assertEquals("modelgate.dev", info.getDomain());
    Promise promise = PROMISES.get(info.getReason());
    assertTrue(promise != null, () -> "an unpublished reason: " + info);
    assertEquals(promise.code(), code, info::toString);
    Set<String> keys = new TreeSet<>(info.getMetadataMap().keySet());
    keys.removeAll(OF_IMPORTS);
    assertEquals(promise.keys(), keys, () -> "metadata of " + info.getReason());
  }

  static Set<String> reasons() {
    return PROMISES.keySet();
  }

  private static Map<String, Promise> read() {
    try {
      Map<String, Promise> promises = new HashMap<>();
      Matcher reasons = REASON.matcher(Files.readString(PROTO));
      while (reasons.find()) {
        String comment = reasons.group(1).replaceAll("\\s*//\\s*", " ").strip();
        int colon = comment.indexOf(':');
        if (!reasons.group(2).equals("UNSPECIFIED")) {
          promises.put(
              reasons.group(2),
              new Promise(Status.Code.valueOf(comment.substring(0, colon)), keys(comment)));
        }
      }
      return promises;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> keys(String comment) {
    Set<String> keys = new TreeSet<>();
    int begin = comment.indexOf("Metadata:");
    if (begin >= 0) {
      Matcher names = KEY.matcher(comment.substring(begin));
      while (names.find()) {
        keys.add(names.group(1));
      }
    }
    return keys;
  }
}
