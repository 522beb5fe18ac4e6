package dev.modelgate.app.audit;

import java.time.Instant;

/**
 * An event as the trail keeps it.
 *
 * @param sequence its number, from 1 without a gap
 * @param hash SHA-256 in hexadecimal digits, over all that is kept of it and {@code previousHash}
 * @param previousHash that of the event before
 * @param time never before that of the event before
 * @param dropped how many events of anybody were dropped, of which no event before tells
 * @param droppedOfCaller how many of this caller since the last of his that was kept
 * @param line what the hash is made of, as one line of JSON
 */
public record TrailEntry(
    long sequence,
    String hash,
    String previousHash,
    Instant time,
    TrailEvent event,
    long dropped,
    long droppedOfCaller,
    String line) {}
