/**
 * The gateway: a proxy for gRPC that passes messages on as they came, once they are allowed.
 *
 * <p>It opens no store. What may pass is decided by an {@link dev.modelgate.gateway.Admission},
 * which asks a sidecar.
 */
@NullMarked
package dev.modelgate.gateway;

import org.jspecify.annotations.NullMarked;
