package dev.modelgate.client.protect;

import dev.modelgate.client.protect.JsonPath.Step;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the texts at one path of a JSON document (RFC 8259), strictly, to its end (hazard 37).
 *
 * <p>Invariant: what it tells is what every JSON parser reads at that path, or the document is
 * refused. On the way a key stands once, and no other in its object differs from it by case alone,
 * for some parsers keep the first, some the last, and some match without regard to case.
 */
final class JsonBody {
  /** How deep arrays and objects may be nested. */
  static final int DEPTH_MAX = 64;

  /**
   * The texts found.
   *
   * @param texts in their order; an empty one is there
   * @param anyMissing whether an object on the way lacks the next key
   */
  record Found(List<String> texts, boolean anyMissing) {}

  private static final int OFF_PATH = -1;

  private final JsonReader in;
  private final List<Step> path;
  private final List<String> texts = new ArrayList<>(1);
  private boolean anyMissing;

  private JsonBody(JsonReader in, JsonPath path) {
    this.in = in;
    this.path = path.steps();
  }

  /**
   * Reads a whole document.
   *
   * @throws MalformedException when parsers may disagree about it, or refuse it
   */
  static Found read(byte[] body, JsonPath path) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("a body that is not UTF-8");
    }
    JsonBody document = new JsonBody(new JsonReader(text), path);
    document.value(0, 1);
    document.in.requireEnd();
    return new Found(List.copyOf(document.texts), document.anyMissing);
  }

  private void value(int step, int depth) {
    char first = in.peek();
    if (depth > DEPTH_MAX && (first == '{' || first == '[')) {
      throw new MalformedException("a body that is nested deeper than " + DEPTH_MAX);
    }
    if (step == path.size()) {
      leaf(first);
    } else if (step == OFF_PATH) {
      switch (first) {
        case '{' -> object("", OFF_PATH, depth);
        case '[' -> array(OFF_PATH, depth);
        case '"' -> in.string();
        default -> in.literal();
      }
    } else if (path.get(step) instanceof Step.Key key) {
      require(first, '{');
      object(key.name(), step + 1, depth);
    } else {
      require(first, '[');
      array(step + 1, depth);
    }
  }

  private void leaf(char first) {
    if (first != '"') {
      throw new MalformedException("a body whose model is no text");
    }
    String text = in.string();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new MalformedException("a body whose model has half a surrogate pair");
    }
    texts.add(text);
  }

  private static void require(char found, char expected) {
    if (found != expected) {
      throw new MalformedException("a body of another shape than the path of the model");
    }
  }

  /** Reads an object, the value of one key by the path unless that is off it already. */
  private void object(String wanted, int step, int depth) {
    boolean seen = false;
    in.expect('{');
    if (!in.takes('}')) {
      do {
        if (in.peek() != '"') {
          throw JsonReader.broken();
        }
        String key = in.string();
        in.expect(':');
        boolean fits = step != OFF_PATH && key.equals(wanted);
        if (step != OFF_PATH && key.equalsIgnoreCase(wanted) && (seen || !fits)) {
          throw new MalformedException("a body with a key of the model twice, or in another case");
        }
        seen |= fits;
        value(fits ? step : OFF_PATH, depth + 1);
      } while (in.takes(','));
      in.expect('}');
    }
    anyMissing |= step != OFF_PATH && !seen;
  }

  private void array(int step, int depth) {
    in.expect('[');
    if (!in.takes(']')) {
      do {
        value(step, depth + 1);
      } while (in.takes(','));
      in.expect(']');
    }
  }
}
