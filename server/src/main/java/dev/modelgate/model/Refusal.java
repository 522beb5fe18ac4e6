package dev.modelgate.model;

import java.util.Map;

/**
 * Why a request was refused, as a value: the error mapper alone turns it into a gRPC status.
 *
 * @param fault the published reason, which fixes the status code
 * @param message one line in lower case without a full stop, offending values in backticks
 * @param field the request's field that is to blame, as in the proto; empty when none is
 * @param metadata every variable of the message, by name in camelCase
 */
public record Refusal(Fault fault, String message, String field, Map<String, String> metadata) {
  /** Copies the map. */
  public Refusal {
    metadata = Map.copyOf(metadata);
  }

  /** A refusal that names no field and has no variables. */
  public static Refusal of(Fault fault, String message) {
    return new Refusal(fault, message, "", Map.of());
  }

  /**
   * A refusal of one field's value: {@code page_size: `-1` (expected: 0..1000)}.
   *
   * @param value the offending value; cut and cleaned before it is echoed
   */
  public static Refusal ofField(Fault fault, String field, String value, String expected) {
    String echo = InvalidNameException.shortened(value);
    return new Refusal(
        fault,
        field + ": `" + echo + "` (expected: " + expected + ")",
        field,
        Map.of("field", field, "value", echo, "expected", expected));
  }

  /**
   * A refusal of too much: {@code items: 1001 (expected: at most 1000)}.
   *
   * @param size how much it is, in the limit's unit
   */
  public static Refusal ofSize(String field, long size, long limit) {
    return new Refusal(
        Fault.LIMIT_EXCEEDED,
        field + ": " + size + " (expected: at most " + limit + ")",
        field,
        Map.of("field", field, "size", Long.toString(size), "limit", Long.toString(limit)));
  }

  /** A refusal about something that has a name: it is not there, or it is there already. */
  public static Refusal ofName(Fault fault, String message, String field, String name) {
    return new Refusal(fault, message, field, Map.of("name", name));
  }

  /**
   * A refusal of an actor who lacks a permission.
   *
   * @param actor a principal, or {@code systemAdministrator}
   * @param permission what is needed: a permission, or {@code administrator}
   * @param denial the reason that a check of it gives; empty where none was made
   */
  public static Refusal notPermitted(
      String message, String actor, String permission, String resource, String denial) {
    return new Refusal(
        Fault.NOT_PERMITTED,
        message,
        "",
        Map.of("actor", actor, "permission", permission, "resource", resource, "denial", denial));
  }

  /** This refusal with one more variable. */
  public Refusal with(String key, String value) {
    var more = new java.util.HashMap<>(metadata);
    more.put(key, value);
    return new Refusal(fault, message, field, more);
  }

  /** An exception that carries this refusal to the error mapper. */
  public RefusedException asException() {
    return new RefusedException(this);
  }
}
