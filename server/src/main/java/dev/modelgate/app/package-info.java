/** The use cases: checking, sharing, committing, asking, watching. */
@NullMarked
package dev.modelgate.app;

import org.jspecify.annotations.NullMarked;
