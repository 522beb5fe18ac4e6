/** The interceptor for Java prediction servers: the one part of the API that shows gRPC types. */
@NullMarked
package dev.modelgate.client.grpc;

import org.jspecify.annotations.NullMarked;
