package dev.modelgate.gateway;

import dev.modelgate.client.Question;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Cuts calls that go on after they were let pass, when what let them pass is gone (hazard 39). */
@FunctionalInterface
public interface Watches {
  /** Cuts nothing: each message is asked for, and nothing more. */
  Watches NONE = () -> new Watch() {};

  /** A call's own. Its methods are called one at a time, {@link #end} last. */
  interface Watch {
    /**
     * These are being asked for a message of the call.
     *
     * @param until when the proof of who asks ends
     */
    default void passing(List<Question> questions, Instant until) {}

    /**
     * The first message was let pass.
     *
     * @param cut ends the call with a refusal
     */
    default void begun(Consumer<Refusal> cut) {}

    /** The call has ended. */
    default void end() {}
  }

  /** For a call that begins. */
  Watch begin();
}
