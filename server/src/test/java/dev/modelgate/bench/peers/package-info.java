/**
 * Decision points of others, asked what the sidecar is asked: how each is fetched, started, filled
 * and spoken to. Messages are written as bytes, so that no peer's library is needed; {@code
 * docs/peers.md} says what each does more than we do.
 */
@NullMarked
package dev.modelgate.bench.peers;

import org.jspecify.annotations.NullMarked;
