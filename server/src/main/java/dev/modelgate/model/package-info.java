/**
 * What the words mean: names, uids, profiles, decisions, refusals. Depends on nothing else of
 * Modelgate; every value is immutable and valid by construction, so that the core never checks
 * again.
 */
@NullMarked
package dev.modelgate.model;

import org.jspecify.annotations.NullMarked;
