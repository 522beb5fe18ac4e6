/** Credentials: who the holder of a token or certificate is in the directory. */
@NullMarked
package dev.modelgate.identity;

import org.jspecify.annotations.NullMarked;
