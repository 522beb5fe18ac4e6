/**
 * What a request to a prediction server asks for and who asks, by a protection document. Pure:
 * nothing here does input or output but to read the document.
 */
@NullMarked
package dev.modelgate.client.protect;

import org.jspecify.annotations.NullMarked;
