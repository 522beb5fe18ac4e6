package dev.modelgate.model;

/**
 * The canonical name of an organizational unit: a path of ids, {@code emea/sales}; the empty text
 * is the whole organization. Units need no records: like those of resources, the ancestors of a
 * unit are known from its name, so a tree without cycles and orphans is all that can be written.
 *
 * @param text ids in RFC 3986 normal form, separated by slashes; at most {@value #BYTES_MAX} bytes
 *     and {@value #DEPTH_MAX} levels
 */
public record UnitName(String text) {
  /** The longest name, in bytes. */
  public static final int BYTES_MAX = 1_024;

  /** The most levels. */
  public static final int DEPTH_MAX = 16;

  /** The whole organization. */
  public static final UnitName ROOT = new UnitName("");

  /** Refuses a name that is not canonical. */
  public UnitName {
    if (!text.isEmpty()) {
      if (text.length() > BYTES_MAX) {
        throw new InvalidNameException("unit", text, "expected: at most " + BYTES_MAX + " bytes");
      }
      String[] ids = text.split("/", -1);
      if (ids.length > DEPTH_MAX) {
        throw new InvalidNameException("unit", text, "expected: at most " + DEPTH_MAX + " levels");
      }
      for (String id : ids) {
        Segment.requireId(text, id);
      }
    }
  }

  /** Whether another unit is this one or below it. */
  public boolean contains(UnitName other) {
    return text.isEmpty() || other.text.equals(text) || other.text.startsWith(text + "/");
  }

  @Override
  public String toString() {
    return text;
  }
}
