/** Tests of the gateway. */
@NullMarked
package dev.modelgate.gateway;

import org.jspecify.annotations.NullMarked;
