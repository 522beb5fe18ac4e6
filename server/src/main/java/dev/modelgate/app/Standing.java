package dev.modelgate.app;

/**
 * Whether what was authenticated when a call came still holds, to be asked again before the call
 * has its effect (hazard 34). Cheap; any thread.
 */
@FunctionalInterface
public interface Standing {
  /** That of Modelgate itself, which nothing ends. */
  Standing ALWAYS = () -> true;

  /** Whether it holds; once it does not, it never does again. */
  boolean holds();
}
