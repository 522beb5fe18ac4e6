/** Metrics, liveness and readiness over HTTP; and answers to proxies that ask there. */
@NullMarked
package dev.modelgate.http;

import org.jspecify.annotations.NullMarked;
