/** Coverage-guided fuzzing: the targets' dispatcher and what runs it. */
@NullMarked
package dev.modelgate.fuzz;

import org.jspecify.annotations.NullMarked;
