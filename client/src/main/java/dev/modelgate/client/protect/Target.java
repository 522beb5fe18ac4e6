package dev.modelgate.client.protect;

/**
 * Something that must be allowed before a request passes.
 *
 * @param resource the full name of a model or version, such as {@code
 *     organizations/acme/models/fraud/versions/3}
 * @param action of the organization's profile, such as {@code predict}
 */
public record Target(String resource, String action) {}
