/**
 * What a request to a prediction server asks for and who asks, by a protection document. What it
 * asks for is pure; proving who asks may wait for the keys of an issuer.
 */
@NullMarked
package dev.modelgate.client.protect;

import org.jspecify.annotations.NullMarked;
