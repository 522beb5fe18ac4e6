/** TLS of the listeners: certificates from PEM files, read again when they change. */
@NullMarked
package dev.modelgate.tls;

import org.jspecify.annotations.NullMarked;
