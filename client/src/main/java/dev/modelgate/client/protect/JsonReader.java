package dev.modelgate.client.protect;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens of a JSON document, by RFC 8259 to the letter. */
final class JsonReader {
  private static final Pattern LITERAL =
      Pattern.compile("true|false|null|-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");
  private static final String ESCAPES = "\"\\/bfnrt";
  private static final String ESCAPED = "\"\\/\b\f\n\r\t";

  private final String text;
  private final Matcher literals;
  private int at;

  JsonReader(String text) {
    this.text = text;
    this.literals = LITERAL.matcher(text);
  }

  /** The character that the next token begins with. */
  char peek() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (at == text.length()) {
      throw broken();
    }
    return text.charAt(at);
  }

  /** Reads that character if it is the next. */
  boolean takes(char c) {
    boolean found = peek() == c;
    at += found ? 1 : 0;
    return found;
  }

  void expect(char c) {
    if (!takes(c)) {
      throw broken();
    }
  }

  /** Reads a number, or a word. */
  void literal() {
    literals.region(at, text.length());
    if (!literals.lookingAt()) {
      throw broken();
    }
    at = literals.end();
  }

  /** Reads a string, which is next. */
  String string() {
    int begin = ++at;
    StringBuilder unescaped = null;
    while (true) {
      char c = next();
      if (c == '"') {
        String rest = text.substring(begin, at - 1);
        return unescaped == null ? rest : unescaped.append(rest).toString();
      }
      if (c < ' ') {
        throw broken();
      }
      if (c == '\\') {
        unescaped = unescaped == null ? new StringBuilder() : unescaped;
        unescaped.append(text, begin, at - 1).append(escape());
        begin = at;
      }
    }
  }

  private char escape() {
    char c = next();
    if (c != 'u') {
      int index = ESCAPES.indexOf(c);
      if (index < 0) {
        throw broken();
      }
      return ESCAPED.charAt(index);
    }
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      char hex = next();
      int digit = hex < 0x80 ? Character.digit(hex, 16) : -1;
      if (digit < 0) {
        throw broken();
      }
      unit = unit << 4 | digit;
    }
    return (char) unit;
  }

  private char next() {
    if (at == text.length()) {
      throw broken();
    }
    return text.charAt(at++);
  }

  /** Refuses anything but white space from here on. */
  void requireEnd() {
    while (at < text.length()) {
      if (" \t\n\r".indexOf(text.charAt(at++)) < 0) {
        throw new MalformedException("a body with something behind its JSON");
      }
    }
  }

  static MalformedException broken() {
    return new MalformedException("a body that is no JSON");
  }
}
