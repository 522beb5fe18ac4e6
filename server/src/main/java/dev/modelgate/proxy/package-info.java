/**
 * Decides for proxies that ask about the requests of others: Envoy, and those with forward-auth.
 * Knows the protection document and nothing of how it was asked.
 */
@NullMarked
package dev.modelgate.proxy;

import org.jspecify.annotations.NullMarked;
