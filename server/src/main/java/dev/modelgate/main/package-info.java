/** The runnable entry: wires the sidecar by constructor. Nothing imports it. */
@NullMarked
package dev.modelgate.main;

import org.jspecify.annotations.NullMarked;
