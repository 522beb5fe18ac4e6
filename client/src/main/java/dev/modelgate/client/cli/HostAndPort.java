package dev.modelgate.client.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An address as people write it, such as {@code 127.0.0.1:7070} or {@code [::1]:7070}.
 *
 * @param host a name or literal address
 * @param port 1 to 65,535
 */
record HostAndPort(String host, int port) {

  /** Reads it. */
  static final class Converter implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      int colon = text.lastIndexOf(':');
      if (colon < 1) {
        throw new TypeConversionException("`" + text + "` (expected: host:port)");
      }
      String host = text.substring(0, colon);
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port < 1 || port > 65_535) {
          throw new TypeConversionException("port: `" + port + "` (expected: 1..65535)");
        }
        return new HostAndPort(host, port);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("`" + text + "` (expected: host:port)");
      }
    }
  }
}
