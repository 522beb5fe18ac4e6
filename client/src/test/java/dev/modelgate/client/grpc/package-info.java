/** Tests of the interceptor in a real server. */
@NullMarked
package dev.modelgate.client.grpc;

import org.jspecify.annotations.NullMarked;
