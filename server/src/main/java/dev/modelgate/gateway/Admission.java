package dev.modelgate.gateway;

import io.grpc.Attributes;
import io.grpc.Metadata;

/** Decides which calls pass, from what is known before their first message. Thread-safe. */
@FunctionalInterface
public interface Admission extends AutoCloseable {
  /** Lets every call pass. */
  Admission OPEN = (method, headers, connection) -> new Verdict.Asks(Guard.OPEN);

  /** Whether a call goes on. */
  sealed interface Verdict {
    /** It ends. */
    record Refuses(Refusal refusal) implements Verdict {}

    /** It goes on as far as that guard lets it. */
    record Asks(Guard guard) implements Verdict {}
  }

  /**
   * Judges a call that begins. Must not block.
   *
   * @param method the full name, as it came
   * @param headers as they came; not to be changed
   * @param connection what gRPC knows of the connection, such as the peer's certificate
   */
  Verdict admit(String method, Metadata headers, Attributes connection);

  /** Gives back what it asks with, while its event loop still runs; no call comes after it. */
  @Override
  default void close() {}
}
