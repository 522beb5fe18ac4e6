/** Tests of the client against a scripted sidecar. */
@NullMarked
package dev.modelgate.client;

import org.jspecify.annotations.NullMarked;
