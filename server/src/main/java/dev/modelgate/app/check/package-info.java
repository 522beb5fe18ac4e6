/**
 * Answering checks: from the cache on the caller's thread, or on the miss pool from one published
 * state.
 */
@NullMarked
package dev.modelgate.app.check;

import org.jspecify.annotations.NullMarked;
