package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Endpoint;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code host:port}, such as {@code 127.0.0.1:7070} or {@code [::1]:7070}. */
final class HostAndPort implements ITypeConverter<Endpoint.Tcp> {
  @Override
  public Endpoint.Tcp convert(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new TypeConversionException("`" + text + "` (expected: host:port)");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new Endpoint.Tcp(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new TypeConversionException("`" + text + "` (expected: host:port)");
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
