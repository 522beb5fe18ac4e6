/** The command line of a running sidecar. */
@NullMarked
package dev.modelgate.client.cli;

import org.jspecify.annotations.NullMarked;
