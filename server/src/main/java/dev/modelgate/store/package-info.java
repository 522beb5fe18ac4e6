/**
 * The store port: an ordered log of change sets, one chain per organization ({@link
 * dev.modelgate.store.ChangeLog}), and the index that is filled from it ({@link
 * dev.modelgate.store.Replica}). One machine and a fleet honour the same port. Knows tables, keys
 * and bytes; what the rows mean is said by {@code dev.modelgate.store.row}.
 */
@NullMarked
package dev.modelgate.store;

import org.jspecify.annotations.NullMarked;
