/**
 * The acceptance tests of the sharing systems: each names the rows that it shows, goes through the
 * gRPC surface of an organization with the profile in question, and has its negative twin.
 */
@NullMarked
package dev.modelgate.rows;

import org.jspecify.annotations.NullMarked;
