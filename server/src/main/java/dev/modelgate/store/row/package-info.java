/**
 * What the rows of the store's tables mean: one record per table, each with its frozen byte layout.
 * All references are by uid (hazard 13).
 */
@NullMarked
package dev.modelgate.store.row;

import org.jspecify.annotations.NullMarked;
