/**
 * The rules, pure: facts in, decision with its cause out. No clock, no I/O, no lock, no logging.
 */
@NullMarked
package dev.modelgate.decision;

import org.jspecify.annotations.NullMarked;
