/**
 * The audit trail: what is no change of an organization, but must be known afterwards. The port
 * that everything reports to, and the events.
 */
@NullMarked
package dev.modelgate.app.audit;

import org.jspecify.annotations.NullMarked;
