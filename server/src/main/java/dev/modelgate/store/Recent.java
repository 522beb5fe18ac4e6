package dev.modelgate.store;

import java.time.Instant;

/**
 * What is remembered of a request that carried an id, for 24 hours of change-set time within a
 * bound of bytes.
 *
 * @param version the version that it made
 * @param commandDigest SHA-256 of its command
 * @param at its time
 */
public record Recent(long version, byte[] commandDigest, Instant at) {}
