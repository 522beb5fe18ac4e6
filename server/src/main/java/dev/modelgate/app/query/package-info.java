/**
 * Reading for administrators: one thing, a page of things, the changes as they come, everything.
 */
@NullMarked
package dev.modelgate.app.query;

import org.jspecify.annotations.NullMarked;
