package dev.modelgate.gateway;

import io.grpc.Metadata;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Decides what of one call passes. Its methods are called one at a time, {@link #end} last and
 * once; what it gives back may complete on any thread.
 */
public interface Guard {
  /** Lets everything pass. */
  Guard OPEN =
      new Guard() {
        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public CompletableFuture<Optional<Refusal>> judge(Message message) {
          return PASSES;
        }
      };

  /** The verdict on a message that may pass. */
  CompletableFuture<Optional<Refusal>> PASSES = CompletableFuture.completedFuture(Optional.empty());

  /** A message that waits for its verdict. */
  interface Message {
    /** Looks at the bytes; called at most once at a time, before the verdict is given. */
    interface Reader<T> {
      /** Reads; the stream need not be read to its end, nor closed. */
      T read(InputStream bytes) throws IOException;
    }

    /** Has somebody look at the bytes as they came, compressed if the sender compressed them. */
    <T> T look(Reader<T> reader) throws IOException;

    /** Whether the sender compressed them, as its header {@code grpc-encoding} says. */
    boolean isCompressed();
  }

  /** Whether the call passes without a look at its messages. Asked once, before anything else. */
  default boolean isOpen() {
    return false;
  }

  /** What the upstream is told of the caller's metadata: the call's own, to be changed in place. */
  default void strip(Metadata headers) {}

  /**
   * Judges a message; the next one comes after its verdict.
   *
   * @return the refusal, or empty to let it pass; a failure refuses as UNAVAILABLE
   */
  CompletableFuture<Optional<Refusal>> judge(Message message);

  /**
   * The first message was let pass.
   *
   * @param cut ends the call with a refusal; may be called on any thread, also after the end
   */
  default void begun(Consumer<Refusal> cut) {}

  /** The call has ended. */
  default void end() {}
}
