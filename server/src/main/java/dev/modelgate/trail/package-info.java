/**
 * The audit trail in files: JSON lines in segments, each line with the hash of the one before.
 * Written by one thread, read by anybody, verified without a sidecar.
 */
@NullMarked
package dev.modelgate.trail;

import org.jspecify.annotations.NullMarked;
