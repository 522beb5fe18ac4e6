/** Benchmarks of the sidecar, compiled and run by the profile {@code bench} alone. */
@NullMarked
package dev.modelgate.bench;

import org.jspecify.annotations.NullMarked;
