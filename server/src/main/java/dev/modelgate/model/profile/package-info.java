/**
 * Profiles: what a sharing system calls its kinds, permissions and roles, and by which rules it
 * shares. A profile is a document; this package reads it, and nothing anywhere asks for a system's
 * name.
 */
@NullMarked
package dev.modelgate.model.profile;

import org.jspecify.annotations.NullMarked;
