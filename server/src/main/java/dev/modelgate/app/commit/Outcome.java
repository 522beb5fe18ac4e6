package dev.modelgate.app.commit;

import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Revision;
import java.util.Optional;

/**
 * What became of a command that was not refused.
 *
 * @param revision the moment at which its effect is there; that of the original for a repeated
 *     request id
 * @param changeSet what it changed, the same for a repeated request id; empty when there was
 *     nothing to change
 */
public record Outcome(Revision revision, Optional<ChangeSet> changeSet) {}
