/**
 * Credentials, as every part of the project reads them: whether a token is its issuer's and meant
 * for us, and which names a certificate has. The only package that sees {@code com.nimbusds}.
 */
@NullMarked
package dev.modelgate.client.identity;

import org.jspecify.annotations.NullMarked;
