package dev.modelgate.cel;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.decision.Conditions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * Conditions in CEL, as {@code docs/conditions.md} tells authors.
 *
 * <p>A text is compiled once while it stays in the cache, whichever of {@link #check} and an
 * evaluation comes first; a text that is refused is remembered as such. Threads may share this; an
 * evaluation waits for nothing but another thread that compiles the same text.
 */
public final class CelConditions implements ConditionLanguage {
  /**
   * The weight of all compiled conditions, in characters of their texts: some ten thousand of
   * ordinary length.
   */
  private static final long CACHE_WEIGHT_MAX = 1024 * 1024;

  /** What a condition weighs beside its text. */
  private static final int WEIGHT_BASE = 32;

  private final FutureTask<Function<String, Condition>> compiler;

  private final Cache<String, Condition> conditions =
      Caffeine.newBuilder()
          .maximumWeight(CACHE_WEIGHT_MAX)
          .weigher((String text, Condition condition) -> WEIGHT_BASE + text.length())
          .build();

  /**
   * Begins with an empty cache. The compiler is made meanwhile, which takes most of a second; the
   * first condition waits for it, a start without one does not.
   */
  public CelConditions() {
    this.compiler = new FutureTask<>(() -> new ConditionCompiler()::compile);
    Thread thread = new Thread(compiler, "modelgate-conditions");
    thread.setDaemon(true);
    thread.start();
  }

  /** With another compiler; one that never throws. */
  CelConditions(Function<String, Condition> compiler) {
    this.compiler = new FutureTask<>(() -> compiler);
    this.compiler.run();
  }

  @Override
  public void check(String condition) {
    if (condition(condition) instanceof Condition.Refused refused) {
      throw new IllegalArgumentException(refused.message());
    }
  }

  @Override
  public Conditions at(Request request) {
    RequestVariables variables = new RequestVariables(request);
    return text -> condition(text).evaluate(variables);
  }

  /** Texts that are too long are refused before they reach the cache, which they would fill. */
  private Condition condition(String text) {
    return text.length() > BYTES_MAX
        ? ConditionCompiler.TOO_LONG
        : conditions.get(text, this::compile);
  }

  private Condition compile(String text) {
    try {
      return compiler.get().apply(text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the compiler", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the compiler of conditions cannot be made", e);
    }
  }
}
