package dev.modelgate.main;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.identity.Authenticator;

/**
 * What everything that answers callers needs besides its answers.
 *
 * @param authenticator proves tokens and certificates
 * @param clock what their ends are held against
 * @param telemetry told of everything that a bound refuses
 * @param trail told of who was refused
 */
record Surroundings(
    Authenticator authenticator, MonotoneClock clock, Telemetry telemetry, AuditTrail trail) {}
