/** Connections and errors shared by the client and the command line; no API, may change at will. */
@NullMarked
package dev.modelgate.client.internal;

import org.jspecify.annotations.NullMarked;
