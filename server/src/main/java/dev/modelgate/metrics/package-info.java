/** Counts what the use cases report, in Prometheus form. */
@NullMarked
package dev.modelgate.metrics;

import org.jspecify.annotations.NullMarked;
