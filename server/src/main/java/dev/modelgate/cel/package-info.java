/**
 * Conditions in the Common Expression Language. The only package that sees {@code dev.cel}, which
 * parses, checks types and evaluates; what is added here is what an attribute is, when it is
 * missing, and how much a condition may cost.
 */
@NullMarked
package dev.modelgate.cel;

import org.jspecify.annotations.NullMarked;
