package dev.modelgate.store;

/**
 * Which log this is.
 *
 * @param lineage the history
 * @param shards the number of shards
 */
public record LogIdentity(LineageId lineage, int shards) {}
