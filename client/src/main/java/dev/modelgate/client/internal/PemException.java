package dev.modelgate.client.internal;

import java.io.IOException;
import java.nio.file.Path;

/** A PEM file that is of no use; the message is one line that begins with the file's path. */
public final class PemException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong with a file, never what it holds. */
  public PemException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
