/** The decision log in files: JSON lines, written by one thread, rotated by size. */
@NullMarked
package dev.modelgate.decisionlog;

import org.jspecify.annotations.NullMarked;
