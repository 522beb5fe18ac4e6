/** Tests of the command line against recording fakes. */
@NullMarked
package dev.modelgate.client.cli;

import org.jspecify.annotations.NullMarked;
