/**
 * Settings: flags, environment and one YAML file, in this order of precedence, checked at start.
 */
@NullMarked
package dev.modelgate.config;

import org.jspecify.annotations.NullMarked;
