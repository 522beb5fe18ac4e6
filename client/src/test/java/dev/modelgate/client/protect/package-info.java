@NullMarked
package dev.modelgate.client.protect;

import org.jspecify.annotations.NullMarked;
