/**
 * Who calls: what the planes and the use cases know of an authenticated caller, and the port by
 * which the planes learn it.
 */
@NullMarked
package dev.modelgate.app.identity;

import org.jspecify.annotations.NullMarked;
