/**
 * The gRPC edge: the only package that sees generated classes. Errors become statuses in {@link
 * dev.modelgate.grpc.ErrorMapper} alone.
 */
@NullMarked
package dev.modelgate.grpc;

import org.jspecify.annotations.NullMarked;
