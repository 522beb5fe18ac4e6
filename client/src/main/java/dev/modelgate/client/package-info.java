/**
 * Java client of the sidecar: {@link dev.modelgate.client.ModelgateClient} asks, {@link
 * dev.modelgate.client.Answer} is what it gets. No type of gRPC or of the wire contract is in a
 * public signature here.
 */
@NullMarked
package dev.modelgate.client;

import org.jspecify.annotations.NullMarked;
