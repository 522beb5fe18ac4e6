package dev.modelgate.gateway;

import dev.modelgate.client.Answer;
import dev.modelgate.client.Question;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Asks for what calls want, and cuts those that go on when that is gone (hazard 39). */
@FunctionalInterface
public interface Watches {
  /** A call's own. Its methods are called one at a time, {@link #end} last. */
  interface Watch {
    /**
     * Asks before a message passes.
     *
     * @param questions all of them must be allowed
     * @param until when the proof of who asks ends
     * @return the first answer in their order that does not allow, or empty; never exceptionally
     */
    CompletableFuture<Optional<Answer>> ask(List<Question> questions, Instant until);

    /**
     * The first message was let pass.
     *
     * @param cut ends the call with a refusal; on any thread, also after the end
     */
    void begun(Consumer<Refusal> cut);

    /** The call has ended. */
    void end();
  }

  /** For a call that begins. */
  Watch begin();
}
