/** Java client of the sidecar, and the command line built on it. */
@NullMarked
package dev.modelgate.client;

import org.jspecify.annotations.NullMarked;
