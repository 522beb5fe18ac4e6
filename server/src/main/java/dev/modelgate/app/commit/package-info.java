/**
 * The only way in which authorization state changes: a command is validated at the head, staged as
 * the organization's next version, appended to the log, applied, published, and then answered.
 */
@NullMarked
package dev.modelgate.app.commit;

import org.jspecify.annotations.NullMarked;
