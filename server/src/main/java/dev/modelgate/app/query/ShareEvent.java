package dev.modelgate.app.query;

import java.time.Instant;

/**
 * A recipient is to be told of a grant, which names him and holds the note.
 *
 * @param revision the token of the revision that the grant was made in
 * @param actor what was authenticated: {@code systemAdministrator}
 * @param onBehalfOf the principal acted for; empty for nobody
 * @param requestId as given in the request; may be empty
 */
public record ShareEvent(
    String revision,
    String actor,
    String onBehalfOf,
    Instant at,
    String requestId,
    GrantView grant) {}
