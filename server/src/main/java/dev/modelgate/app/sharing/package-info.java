/**
 * What may be changed, by whom, and what follows from it: commands, and the rules that turn a
 * command into plain mutations. Pure in (state at one version, command, time); no clock, no cache,
 * no other organization (fleet rule 2).
 */
@NullMarked
package dev.modelgate.app.sharing;

import org.jspecify.annotations.NullMarked;
