package dev.modelgate.client.protect;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.client.protect.JsonPath.Step;
import dev.modelgate.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * JSON bodies (hazard 37) against another parser, which is lenient and keeps the last of two keys:
 * what is read at the path is what it has there, or the body is refused. The first byte picks the
 * path.
 */
public final class JsonBodyTarget implements FuzzTarget {
  private static final List<JsonPath> PATHS =
      List.of(
          JsonPath.parse("model"),
          JsonPath.parse("a.b"),
          JsonPath.parse("a[].b"),
          JsonPath.parse("a[][].b"));

  @Override
  public void read(byte[] input) {
    if (input.length == 0) {
      return;
    }
    JsonPath path = PATHS.get(Math.floorMod(input[0], PATHS.size()));
    byte[] body = Arrays.copyOfRange(input, 1, input.length);
    JsonBody.Found found;
    try {
      found = JsonBody.read(body, path);
    } catch (MalformedException e) {
      return;
    }
    List<String> other = new ArrayList<>();
    collect(JsonParser.parseString(new String(body, StandardCharsets.UTF_8)), path.steps(), other);
    FuzzTarget.require(other.equals(found.texts()), "another parser reads something else");
  }

  private static void collect(JsonElement value, List<Step> steps, List<String> into) {
    if (steps.isEmpty()) {
      into.add(value.getAsString());
    } else if (steps.get(0) instanceof Step.Key key) {
      JsonObject object = value.getAsJsonObject();
      if (object.has(key.name())) {
        collect(object.get(key.name()), steps.subList(1, steps.size()), into);
      }
    } else {
      JsonArray array = value.getAsJsonArray();
      array.forEach(element -> collect(element, steps.subList(1, steps.size()), into));
    }
  }
}
