/**
 * Credentials: who the holder of a token or certificate is. The only package that sees {@code
 * com.nimbusds}.
 */
@NullMarked
package dev.modelgate.identity;

import org.jspecify.annotations.NullMarked;
