/**
 * The replica on RocksDB: one database holds log and index, one synced write batch moves both. The
 * only package that sees {@code org.rocksdb}.
 */
@NullMarked
package dev.modelgate.store.rocksdb;

import org.jspecify.annotations.NullMarked;
