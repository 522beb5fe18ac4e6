/** Metrics, liveness and readiness over HTTP. */
@NullMarked
package dev.modelgate.http;

import org.jspecify.annotations.NullMarked;
