package dev.modelgate.app.query;

import java.time.Instant;

/**
 * Who switched something off.
 *
 * @param actor what was authenticated: {@code systemAdministrator}
 * @param onBehalfOf the principal acted for; empty for nobody
 * @param since when
 * @param reason in his words; may be empty
 */
public record SuspensionView(String actor, String onBehalfOf, Instant since, String reason) {}
