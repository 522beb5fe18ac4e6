package dev.modelgate.model;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names: a name that is taken is the one canonical spelling of itself (hazard 14), and its parts
 * make it up again.
 */
public final class NameTarget implements FuzzTarget {
  private static final String PARENT = "organizations/acme/environments/prod";

  @Override
  public void read(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(Arrays.copyOfRange(input, 1, input.length), StandardCharsets.UTF_8);
    try {
      switch (Math.floorMod(input[0], 4)) {
        case 0 -> principal(text);
        case 1 -> resource(text);
        case 2 -> relative(text);
        default -> require(new UnitName(text).toString().equals(text), "a unit is its text");
      }
    } catch (InvalidNameException e) {
      require(e.value().length() <= 123, "an echo is bounded");
    }
  }

  private static void principal(String text) {
    PrincipalName name = PrincipalName.parse(text);
    require(name.toString().equals(text), "a principal has one spelling");
    require(PrincipalName.parse(name.toString()).equals(name), "a principal reads as itself");
  }

  private static void resource(String text) {
    ResourceName name = ResourceName.parse(text);
    require(name.text().equals(text), "a resource has one spelling");
    require(name.depth() <= ResourceName.DEPTH_MAX, "depth");
    if (name.hasParent()) {
      require(text.startsWith(name.parent().text() + "/"), "a parent is a beginning");
    }
    require(text.startsWith("organizations/" + name.organizationId()), "an organization");
  }

  private static void relative(String text) {
    ResourceName name = ResourceName.complete(text, PARENT);
    require(ResourceName.parse(name.text()).equals(name), "what is completed is a full name");
    require(
        text.startsWith("organizations/") || name.text().startsWith(PARENT + "/"),
        "a relative name stays below its parent");
  }
}
