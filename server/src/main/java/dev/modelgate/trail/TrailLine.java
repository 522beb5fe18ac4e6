package dev.modelgate.trail;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An event as a line of JSON. Empty fields are left out; the two hashes come last:
 *
 * <pre>
 *   {"sequence":7,"time":"2026-01-01T00:00:00Z","kind":"REFUSAL",...,"previous":"2c..","hash":"91.."}
 *                                                         covered by the hash ^
 * </pre>
 *
 * <p>The hash is the SHA-256 of the line's bytes up to where {@code ,"hash"} begins, so that
 * whoever has the lines can check the chain with any tool. {@code previous} is the hash of the line
 * before.
 *
 * @param link its number and hash
 * @param previous hash of the one before
 * @param time never before that of the one before
 * @param dropped how many events of anybody were dropped, of which no line before tells
 * @param droppedOfCaller how many of this caller, or peer, since the last that had room
 * @param text the line, without its end
 */
public record TrailLine(
    Link link,
    String previous,
    Instant time,
    TrailEvent event,
    long dropped,
    long droppedOfCaller,
    String text) {
  /** The longest line, in bytes. */
  static final int BYTES_MAX = 128 << 10;

  private static final String HASH_FIELD = ",\"hash\":\"";
  private static final int TAIL_CHARS = HASH_FIELD.length() + 64 + 2;

  /** The line that follows another. */
  static TrailLine after(
      Link last, Instant time, TrailEvent event, long dropped, long droppedOfCaller) {
    long sequence = last.sequence() + 1;
    String head = head(sequence, last.hash(), time, event, dropped, droppedOfCaller);
    String hash = hash(head);
    return new TrailLine(
        new Link(sequence, hash),
        last.hash(),
        time,
        event,
        dropped,
        droppedOfCaller,
        head + HASH_FIELD + hash + "\"}");
  }

  TrailEntry toEntry() {
    return new TrailEntry(
        link.sequence(), link.hash(), previous, time, event, dropped, droppedOfCaller, text);
  }

  /** As it is written: with its end. */
  byte[] toBytes() {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a line and checks that its hash is that of its bytes.
   *
   * @param bytes without the end of the line
   */
  static TrailLine read(byte[] bytes) throws BadLineException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadLineException("it is not UTF-8");
    }
    int end = text.length() - TAIL_CHARS;
    if (end < 0 || !text.startsWith(HASH_FIELD, end) || !text.endsWith("\"}")) {
      throw new BadLineException("it does not end in a hash");
    }
    String hash = text.substring(end + HASH_FIELD.length(), text.length() - 2);
    if (!hash.equals(hash(text.substring(0, end)))) {
      throw new BadLineException("its hash is not that of its bytes");
    }
    try {
      return of(JsonParser.parseString(text).getAsJsonObject(), text);
    } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
      throw new BadLineException("it is not an event");
    } catch (DateTimeParseException e) {
      throw new BadLineException("its time is malformed");
    }
  }

  private static TrailLine of(JsonObject json, String text) {
    TrailEvent event =
        new TrailEvent(
            TrailEvent.Kind.valueOf(text(json, "kind")),
            text(json, "what"),
            text(json, "credential"),
            text(json, "onBehalfOf"),
            text(json, "peer"),
            text(json, "method"),
            text(json, "organization"),
            text(json, "resource"),
            texts(json, "principals"),
            map(json, "before"),
            map(json, "after"),
            text(json, "reason"),
            text(json, "requestId"),
            text(json, "revision"));
    return new TrailLine(
        new Link(number(json, "sequence"), text(json, "hash")),
        text(json, "previous"),
        Instant.parse(text(json, "time")),
        event,
        number(json, "dropped"),
        number(json, "droppedOfCaller"),
        text);
  }

  private static String head(
      long sequence,
      String previous,
      Instant time,
      TrailEvent event,
      long dropped,
      long droppedOfCaller) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setStrictness(Strictness.STRICT);
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("sequence").value(sequence);
      put(json, "time", time.toString());
      put(json, "kind", event.kind().name());
      put(json, "what", event.what());
      put(json, "credential", event.credential());
      put(json, "onBehalfOf", event.onBehalfOf());
      put(json, "peer", event.peer());
      put(json, "method", event.method());
      put(json, "organization", event.organization());
      put(json, "resource", event.resource());
      put(json, "principals", event.principals());
      put(json, "before", event.before());
      put(json, "after", event.after());
      put(json, "reason", event.reason());
      put(json, "requestId", event.requestId());
      put(json, "revision", event.revision());
      put(json, "dropped", dropped);
      put(json, "droppedOfCaller", droppedOfCaller);
      put(json, "previous", previous);
      json.endObject();
    } catch (IOException e) {
      throw new IllegalStateException("a string takes every character", e);
    }
    String line = text.toString();
    return line.substring(0, line.length() - 1);
  }

  private static void put(JsonWriter json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.name(name).value(value);
    }
  }

  private static void put(JsonWriter json, String name, long value) throws IOException {
    if (value != 0) {
      json.name(name).value(value);
    }
  }

  private static void put(JsonWriter json, String name, List<String> values) throws IOException {
    if (!values.isEmpty()) {
      json.name(name).beginArray();
      for (String value : values) {
        json.value(value);
      }
      json.endArray();
    }
  }

  private static void put(JsonWriter json, String name, Map<String, String> values)
      throws IOException {
    if (!values.isEmpty()) {
      json.name(name).beginObject();
      for (Map.Entry<String, String> entry : new TreeMap<>(values).entrySet()) {
        json.name(entry.getKey()).value(entry.getValue());
      }
      json.endObject();
    }
  }

  private static String text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value == null ? "" : value.getAsString();
  }

  private static long number(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value == null ? 0 : value.getAsLong();
  }

  private static List<String> texts(JsonObject json, String name) {
    List<String> texts = new ArrayList<>();
    if (json.get(name) instanceof JsonArray array) {
      array.forEach(item -> texts.add(item.getAsString()));
    }
    return texts;
  }

  private static Map<String, String> map(JsonObject json, String name) {
    Map<String, String> map = new TreeMap<>();
    if (json.get(name) instanceof JsonObject object) {
      object.entrySet().forEach(entry -> map.put(entry.getKey(), entry.getValue().getAsString()));
    }
    return map;
  }

  static String hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
