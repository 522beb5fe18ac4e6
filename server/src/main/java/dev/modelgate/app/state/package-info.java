/**
 * The one published state: what every reader sees, how it is replaced, and the stamps by which a
 * cached answer knows that it is too old (hazards 1, 2 and 5).
 */
@NullMarked
package dev.modelgate.app.state;

import org.jspecify.annotations.NullMarked;
