package dev.modelgate.app.check;

/**
 * The answer to one check.
 *
 * @param allowed whether every link of the chain may do it
 * @param reason why not; empty when allowed
 * @param deniedLink which link of {@code acting_through} was denied; empty when it was the
 *     principal itself, or none
 * @param revision the token of the moment at which this holds
 * @param validUntilMicros the earliest time at which a recomputation could differ; {@link
 *     dev.modelgate.store.Micros#NEVER} when no boundary is known
 */
public record Answer(
    boolean allowed, String reason, String deniedLink, String revision, long validUntilMicros) {}
