/** Tests of connections and of what guards them. */
@NullMarked
package dev.modelgate.client.internal;

import org.jspecify.annotations.NullMarked;
