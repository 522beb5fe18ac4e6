package dev.modelgate.grpc;

import java.io.IOException;

/** A request is larger than any may be; says nothing more, for it is answered at once. */
final class TooLargeException extends IOException {
  private static final long serialVersionUID = 1L;
}
